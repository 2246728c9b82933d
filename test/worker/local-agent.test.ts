import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { homeAt } from '../../src/node/agent-home/home.ts';
import { writeLocalAgent } from '../../src/node/agent-home/local-agent.ts';
import { readStatus } from '../../src/worker/status-file.ts';
import { type RunningListener, unwrapped } from '../node/transport/transport.ts';
import { beginWaiting, farSide, newest, orderOf, WORKER } from './far-side.ts';

/** An app's side: its coordinator, and the folder that it keeps for the agent. */
async function app() {
  const { identity, folder, ...rest } = await farSide();
  const write = ({ listener: { port } }: RunningListener) =>
    unwrapped(
      writeLocalAgent({
        ...{ folder, workerId: WORKER, name: 'desk', fingerprint: identity.fingerprint },
        ...{ address: '127.0.0.1', port, nowMs: Date.now() },
      }),
    );
  return { ...rest, folder, write, gate: join(folder, '..', 'gate') };
}

describe('the agent of the app’s own machine', () => {
  it('runs tasks, tells what became of them, and ends with the app when nothing is left', async () => {
    const { folder, listen, write, start, hold } = await app();
    const running = await listen();
    const { publicKey, words } = write(running);
    expect(words).toEqual(['local', '--home', folder]);
    const { exited } = start('local');
    const held = await hold(running);
    expect(held.claim).toMatchObject({
      ...{ publicKey, as: { kind: 'enrolled', workerId: WORKER } },
      taskTerms: { maxParallel: null, programs: null, asUser: null },
    });
    const order = orderOf(1, 'echo from here; exit 3');
    expect(await held.session.ask('start-attempts', { orders: [order] })).toEqual({ ok: true, value: null });
    await newest(held, order).toMatchObject({ end: { how: 'exited', exitCode: 3, outputBytes: 10 } });
    const { attemptId } = order;
    expect(await held.session.ask('read-output', { attemptId, offset: 5 })).toEqual({
      ok: true,
      value: { fromOffset: 5, data: Buffer.from('here\n').toString('base64'), totalBytes: 10 },
    });
    expect(await held.session.ask('forget-attempts', { attemptIds: [attemptId] })).toMatchObject({ ok: true });
    held.session.close();
    expect(await exited).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(readStatus(homeAt(folder, {}))).toMatchObject({ state: 'stopped', reason: null });
  });

  it('outlives an app that dies, goes on with its task, and finds the next app where that listens', async () => {
    const { gate, listen, write, start, hold } = await app();
    const first = await listen();
    write(first);
    const { child } = start('local');
    const held = await hold(first);
    const order = await beginWaiting(held, gate, 'echo done');
    await first.listener.dispose();
    held.session.close();
    writeFileSync(gate, '');
    const next = await listen();
    write(next);
    const again = await hold(next);
    await newest(again, order).toMatchObject({ end: { how: 'exited', exitCode: 0, outputBytes: 5 } });
    expect(child.exitCode).toBeNull();
  });

  it('that is killed leaves its tasks to the next one', async () => {
    const { gate, listen, write, start, hold } = await app();
    const running = await listen();
    write(running);
    const { child, exited } = start('local');
    const order = await beginWaiting(await hold(running), gate, 'exit 4');
    child.kill('SIGKILL');
    await exited;
    writeFileSync(gate, '');
    start('local');
    const again = await hold(running);
    await newest(again, order).toMatchObject({ end: { how: 'exited', exitCode: 4 } });
  });

  it('is one for a folder, reads nothing of the machine, and says what is missing in a folder that is not prepared', async () => {
    const { folder, listen, write, start, hold } = await app();
    const missing = await start('local').exited;
    expect(missing).toMatchObject({ code: 1, stdout: '' });
    expect(missing.stderr).toMatch(/^labwatch: .*coordinator\.json is missing\.\n$/);
    const running = await listen();
    write(running);
    start('local');
    await hold(running);
    expect(await start('local').exited).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('runs here already'),
    });
    expect(existsSync(join(folder, 'spool'))).toBe(false);
    const { places } = JSON.parse(readFileSync(join(folder, 'coordinator.json'), 'utf8')) as { places: unknown[] };
    expect(places).toEqual([]);
  });
});
