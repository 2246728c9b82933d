import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tempFolder } from '../../support/temp-folder.ts';
import { openWorkbench, shell, type Workbench } from './workbench.ts';

const scratchOf = ({ folder }: Workbench, attemptId: string) =>
  statSync(join(folder, 'attempts', attemptId, 'scratch'));

async function runAndForget(bench: Workbench, script: string): Promise<number> {
  const { attemptId, end } = await bench.run({ command: shell(script) });
  expect(end).toMatchObject({ how: 'exited', exitCode: 0 });
  const { ino } = scratchOf(bench, attemptId);
  await bench.host.forget([attemptId]);
  return ino;
}

describe('the folder of a forgotten attempt', () => {
  test('is used again where its command left its scratch folder as it was', async () => {
    const bench = await openWorkbench();
    const ino = await runAndForget(bench, 'echo said; sleep 0.02');
    const next = await bench.run({ command: shell('ls -A . .. | sort') });
    expect(scratchOf(bench, next.attemptId).ino).toBe(ino);
    expect((await bench.output(next.attemptId)).toString()).not.toContain('said');
    expect(readdirSync(join(bench.folder, 'attempts'))).toEqual([next.attemptId]);
  });

  test.each([
    ['left a file', 'echo x > file'],
    ['left a folder that it closed', 'mkdir d; echo x > d/file; chmod 0 d'],
    ['made a file and removed it', 'sleep 0.02; echo x > file; rm file'],
    ['opened the folder to others', 'sleep 0.02; chmod 777 .'],
    ['opened it to others and closed it again', 'sleep 0.02; chmod 777 .; chmod 700 .'],
  ])('is not used again where the command %s', async (_, script) => {
    const bench = await openWorkbench();
    await runAndForget(bench, script);
    const { attemptId } = await bench.run({ command: shell('ls -A; stat -c %a .') });
    expect((await bench.output(attemptId)).toString()).toBe('700\n');
    await expect.poll(() => readdirSync(join(bench.folder, 'spare'))).toEqual([]);
  });

  test('is gone when the next agent comes, and no attempt', async () => {
    const folder = tempFolder();
    mkdirSync(join(folder, 'spare', '1', 'scratch'), { recursive: true });
    writeFileSync(join(folder, 'spare', '1', 'order.json'), '{}');
    const bench = await openWorkbench({}, folder);
    await expect.poll(() => readdirSync(join(folder, 'spare'))).toEqual([]);
    expect(bench.host.attempts()).toEqual([]);
  });
});
