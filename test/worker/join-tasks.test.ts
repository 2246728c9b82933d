import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodePairingCode } from '../../src/node/transport/pairing-code.ts';
import { beginWaiting, farSide, newest } from './far-side.ts';

/** A machine that has not joined yet, and the code with which it can. */
async function lab() {
  const side = await farSide();
  const running = await side.listen();
  const { fingerprint } = side.identity;
  const code = encodePairingCode({
    ...{ fingerprint, secret: new Uint8Array(16).fill(7), addresses: ['127.0.0.1'], port: running.listener.port },
  });
  return {
    ...side,
    ...{ code, running, gate: join(side.folder, '..', 'gate') },
    /** Starts the agent, waits until it is linked, and ends it where nothing else is asked. */
    async linked(...words: readonly string[]) {
      const agent = side.start('join', ...words);
      const held = await side.hold(running);
      const stop = async () => {
        agent.child.kill('SIGTERM');
        return await agent.exited;
      };
      return { ...held, ...agent, stop };
    },
  };
}

const isAlive = (pid: number) => existsSync(`/proc/${pid}`);
const pidAt = (gate: string) => Number(readFileSync(`${gate}.pid`, 'utf8'));

describe('a machine whose owner lets it run tasks', () => {
  it('says so and on what terms, keeps that, and changes it when it is told', async () => {
    const { code, linked, start } = await lab();
    const first = await linked(code, '--run-tasks', '--max-parallel', '2', '--allow', 'sh', '--allow', '/bin/true');
    const terms = { maxParallel: 2, programs: ['sh', '/bin/true'], asUser: null };
    expect(first.claim).toMatchObject({ runsTasks: true, taskTerms: terms });
    await expect
      .poll(() => first.said.stdout)
      .toMatch(/watched at level standard and runs tasks as \S+, at most 2 at once, only sh and \/bin\/true\./);
    await first.stop();
    const again = await linked();
    expect(again.claim.taskTerms).toEqual(terms);
    expect((await start('status').exited).stdout).toMatch(/^It runs tasks as \S+, at most 2 at once, only sh and/m);
    await again.stop();
    const wider = await linked('--run-tasks');
    expect(wider.claim.taskTerms).toEqual({ maxParallel: null, programs: null, asUser: null });
    await expect.poll(() => wider.said.stdout).toMatch(/^From now on this machine runs tasks as .*any program\.\n/);
    await wider.stop();
    const pastedAgain = await linked(code);
    expect(pastedAgain.claim.taskTerms).toEqual({ maxParallel: null, programs: null, asUser: null });
    await pastedAgain.stop();
  });

  it('who takes the leave back lets what runs come to its end, and nothing new begin', async () => {
    const { code, gate, linked, start } = await lab();
    const first = await linked(code, '--run-tasks');
    const order = await beginWaiting(first, gate, 'exit 5');
    await first.stop();
    const last = await linked('--no-run-tasks');
    expect(last.claim).toMatchObject({ runsTasks: false, taskTerms: null });
    await newest(last, order).toMatchObject({ state: 'running' });
    const further = { ...order, attemptId: order.attemptId.replace(/1$/, '2') as typeof order.attemptId };
    expect(await last.session.ask('start-attempts', { orders: [further] })).toMatchObject({
      error: { code: 'not-permitted' },
    });
    writeFileSync(gate, '');
    await newest(last, order).toMatchObject({ end: { exitCode: 5 } });
    await last.stop();
    expect(JSON.parse((await start('status', '--json').exited).stdout)).toMatchObject({ tasks: null });
  });

  it('that leaves ends its tasks, says so, and removes every trace', async () => {
    const { code, gate, folder, running, linked, start, hold } = await lab();
    const { stop, ...held } = await linked(code, '--run-tasks');
    await beginWaiting(held, gate);
    await stop();
    expect(isAlive(pidAt(gate))).toBe(true);
    const leaving = start('leave');
    await hold(running);
    const { code: exitCode, stdout } = await leaving.exited;
    expect(stdout).toMatch(/^A task runs here; it is ended\.\n/);
    expect(exitCode).toBe(0);
    expect(isAlive(pidAt(gate))).toBe(false);
    expect(existsSync(folder)).toBe(false);
  });

  it('that is removed ends its tasks and stops', async () => {
    const { code, gate, linked } = await lab();
    const { session, exited, ...held } = await linked(code, '--run-tasks');
    await beginWaiting({ session, ...held }, gate);
    session.close({ kind: 'refusal', code: 'removed', message: 'This worker was removed.', isFinal: true });
    const { code: exitCode, stdout, stderr } = await exited;
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: 'labwatch: This worker was removed.\n' });
    expect(stdout).toContain('Ending the tasks that run here');
    expect(isAlive(pidAt(gate))).toBe(false);
  });

  it('is only watched where tasks cannot be run, and says why', async () => {
    const { code, folder, linked } = await lab();
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(join(folder, 'tasks'), 'in the way');
    const { claim, said, stop, session } = await linked(code, '--run-tasks');
    expect(claim).toMatchObject({ runsTasks: false, taskTerms: null });
    expect(await session.ask('forget-attempts', { attemptIds: [] })).toMatchObject({
      error: { code: 'not-permitted' },
    });
    await expect.poll(() => said.stdout).toMatch(/^Tasks cannot be run here: .* This machine is only watched\.\n/);
    await stop();
  });
});
