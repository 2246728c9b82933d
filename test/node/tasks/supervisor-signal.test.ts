/** Supervisors where the system tells less than Linux does: neither when a process began nor which boot this is. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { uptime } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { ownIdentity } from '../../../src/node/process-identity.ts';
import type { StartFacts } from '../../../src/node/tasks/supervisor-facts.ts';
import { askToEnd, isSupervisorAlive } from '../../../src/node/tasks/supervisor-signal.ts';
import { anOrder, isAlive } from './workbench.ts';

const { attemptId } = anOrder();
const { bootId, pidNamespace } = ownIdentity();

function aProcess(title: string) {
  const child = spawn('/bin/sh', ['-c', 'trap "exit 5" TERM; while :; do sleep 0.02; done', title], { argv0: title });
  onTestFinished(() => void child.kill('SIGKILL'));
  const start: StartFacts = {
    ...{ pid: child.pid ?? 0, startTicks: null, bootId, pidNamespace, startedAtMs: Date.now() },
    ...{ basis: 'process-tree', group: '', reapedBefore: { cpuSeconds: 0, readBytes: 0, writeBytes: 0 } },
  };
  return { child, start };
}

test('a process under a supervisor’s number gets its signal only if it says that it is the supervisor', async () => {
  const stranger = aProcess('somebody-else');
  const other = aProcess(`labwatch-supervisor ${anOrder().attemptId}`);
  const supervisor = aProcess(`labwatch-supervisor ${attemptId}`);
  const ended = Promise.all([stranger, other, supervisor].map(({ child }) => once(child, 'exit')));
  for (const { start } of [stranger, other, supervisor]) askToEnd(attemptId, start);
  await once(supervisor.child, 'exit');
  for (const { child } of [stranger, other]) {
    expect(isAlive(child.pid ?? 0)).toBe(true);
    child.kill('SIGKILL');
  }
  const signals = (await ended).map(([code, signal]) => signal ?? code);
  expect([signals[0], signals[1]]).toEqual(['SIGKILL', 'SIGKILL']);
});

test('a supervisor of an earlier boot is gone, whoever has its number', () => {
  const { start } = aProcess('somebody-else');
  const bootedAtMs = Date.now() - uptime() * 1_000;
  expect(isSupervisorAlive(attemptId, start)).toBe(true);
  expect(isSupervisorAlive(attemptId, { ...start, startedAtMs: bootedAtMs - 3_600_000 })).toBe(false);
});
