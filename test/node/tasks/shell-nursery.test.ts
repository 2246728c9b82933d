/** Attempts where there is no Perl: under a supervisor in sh, less exact and as safe. */
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readOrNull } from '../../../src/node/tasks/process-facts.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { anOrder, livingPids, openWorkbench, processesOf, shell, type Workbench } from './workbench.ts';

/** A host on a machine whose PATH leads to everything but Perl. */
async function withoutPerl(folder = tempFolder()): Promise<Workbench> {
  const programs = tempFolder();
  const path = process.env.PATH;
  for (const name of [
    'sh',
    'env',
    'sleep',
    'tr',
    'grep',
    'sed',
    'mv',
    'ln',
    'rm',
    'wc',
    'tail',
    'setsid',
    'cat',
    'seq',
  ]) {
    const found = ['/usr/bin', '/bin'].map((place) => join(place, name)).find((file) => existsSync(file));
    if (found !== undefined) symlinkSync(found, join(programs, name));
  }
  process.env.PATH = programs;
  onTestFinished(() => {
    process.env.PATH = path;
  });
  return openWorkbench({}, folder);
}

describe('without Perl', () => {
  test('commands run and end as they end, with their input, output and environment', async () => {
    const bench = await withoutPerl();
    const { attemptId, end, usage } = await bench.run({
      command: shell('cat; printf "$GREETING|" >&2; pwd; exit 7'),
      stdin: 'in ',
      env: { GREETING: "it's\n*" },
    });
    expect(end).toMatchObject({ how: 'exited', exitCode: 7, signal: null, orphansEnded: 0, outputDroppedBytes: 0 });
    expect((await bench.output(attemptId)).toString()).toMatch(/^in it's\n\*\|.*\/scratch\n$/);
    expect(usage).toMatchObject({ basis: 'process-tree', cpuSeconds: expect.any(Number) });
  });

  test('commands get their variables as they are, whatever these are called or mean to a shell', async () => {
    const bench = await withoutPerl();
    const env = {
      'a.b': 'dotted',
      UID: '7',
      OPTIND: 'x',
      IFS: 'sle/',
      PWD: '/planned',
      PATH: '/nowhere',
      _X1: "'\\''$(id)",
    };
    const { attemptId } = await bench.run({ command: ['/usr/bin/env', '-0'], env });
    const lines = (await bench.output(attemptId)).toString().split('\0');
    expect(lines).toEqual(expect.arrayContaining(Object.entries(env).map(([name, value]) => `${name}=${value}`)));
    const plain = await bench.run({ command: ['/usr/bin/env', '-0'] });
    expect((await bench.output(plain.attemptId)).toString()).not.toMatch(/(^|\0)(OLD)?PWD=/);
  });

  test('nobody reads the variables of a command in the list of processes', async () => {
    const bench = await withoutPerl();
    const secret = `secret-${crypto.randomUUID()}`;
    const order = anOrder({ command: ['sleep', '60'], env: { TOKEN: secret } });
    await bench.host.start(order);
    await expect.poll(() => processesOf(order.attemptId).length).toBeGreaterThan(0);
    const seen = livingPids().map((pid) => readOrNull(`/proc/${pid}/cmdline`) ?? '');
    expect(seen.some((command) => command.includes(order.attemptId))).toBe(true);
    expect(seen.filter((command) => command.includes(secret))).toEqual([]);
  });

  test('a program that is missing ends with 127', async () => {
    const bench = await withoutPerl();
    expect((await bench.run({ command: ['no-such-program'] })).end).toMatchObject({ how: 'exited', exitCode: 127 });
  });

  test('the time limit holds, by SIGKILL where SIGTERM is ignored', async () => {
    const bench = await withoutPerl();
    const { end, attemptId } = await bench.run({
      command: shell('trap "" TERM; while :; do sleep 0.1; done'),
      timeoutMs: 300,
      graceMs: 200,
    });
    expect(end).toMatchObject({ how: 'timed-out', signal: 'SIGKILL' });
    expect(processesOf(attemptId)).toEqual([]);
  });

  test('a cancel ends it', async () => {
    const bench = await withoutPerl();
    const order = anOrder({ command: ['sleep', '60'] });
    await bench.host.start(order);
    await expect.poll(() => processesOf(order.attemptId).length).toBeGreaterThan(0);
    bench.host.cancel(order.attemptId);
    expect((await bench.ended(order.attemptId)).end).toMatchObject({ how: 'cancelled', signal: 'SIGTERM' });
  });

  test('daemons are counted and ended', async () => {
    const bench = await withoutPerl();
    const { end, attemptId } = await bench.run({ command: shell('setsid sleep 60 & setsid sleep 60 & sleep 0.2') });
    expect(end).toMatchObject({ how: 'exited', exitCode: 0, orphansEnded: 2 });
    expect(processesOf(attemptId)).toEqual([]);
  });

  test('output past its limit is cut to the newest bytes', async () => {
    const bench = await withoutPerl();
    const go = join(tempFolder(), 'go');
    const order = anOrder({
      command: shell(`seq 1 20000; until [ -e ${go} ]; do sleep 0.1; done; echo last`),
      outputLimitBytes: 10_000,
    });
    await bench.host.start(order);
    const folder = join(bench.folder, 'attempts', order.attemptId);
    await expect.poll(() => existsSync(join(folder, 'output.0000000000000000'))).toBe(true);
    await expect.poll(() => existsSync(join(folder, 'output.0000000000000000'))).toBe(false);
    writeFileSync(go, '');
    const { end } = await bench.ended(order.attemptId);
    const whole = `${Array.from({ length: 20_000 }, (_, at) => `${at + 1}\n`).join('')}last\n`;
    const kept = (await bench.output(order.attemptId)).toString();
    expect(whole.endsWith(kept)).toBe(true);
    expect(kept.length).toBeLessThanOrEqual(10_000);
    expect(end).toMatchObject({ outputBytes: whole.length, outputDroppedBytes: whole.length - kept.length });
  });

  test('an order that was given twice begins once', async () => {
    const [folder, work] = [tempFolder(), tempFolder()];
    const order = anOrder({ command: shell(`echo ran >> ${work}/ledger; sleep 0.3`) });
    mkdirSync(join(folder, 'attempts', order.attemptId), { recursive: true });
    writeFileSync(join(folder, 'attempts', order.attemptId, 'order.json'), JSON.stringify(order));
    const [first, second] = [await withoutPerl(folder), await openWorkbench({}, folder)];
    for (const bench of [first, second]) {
      expect((await bench.ended(order.attemptId)).end).toMatchObject({ how: 'exited', exitCode: 0 });
    }
    expect(readFileSync(join(work, 'ledger'), 'utf8')).toBe('ran\n');
  });
});
