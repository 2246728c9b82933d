/** A coordinator as an agent's process meets it: real keys, real links on loopback, and every report taken. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import { type WorkerId, workerId } from '../../src/core/fleet/worker.ts';
import type { AttemptOrder, AttemptReport } from '../../src/core/tasks/attempt.ts';
import { attemptIdOf } from '../../src/core/tasks/task.ts';
import { type AgentClaim, meetAgent } from '../../src/engine/coordinator-handshake.ts';
import { createSession, type WorkerSession } from '../../src/engine/worker-session.ts';
import { systemClock } from '../../src/node/system-clock.ts';
import { systemTimers } from '../../src/node/system-timers.ts';
import { nodeCryptography } from '../../src/node/transport/cryptography.ts';
import { newIdentity, type RunningListener, startListener, unwrapped } from '../node/transport/transport.ts';
import { taskIdOf } from '../support/tasks.ts';
import { tempFolder } from '../support/temp-folder.ts';

const ENTRY = fileURLToPath(new URL('../../src/worker/index.ts', import.meta.url));
export const WORKER: WorkerId = workerId('6f1c2f0e-5a0d-4c1f-9d39-3d6f3f6f9a01');

export interface Held {
  readonly session: WorkerSession;
  readonly claim: AgentClaim;
  /** Everything that was told of attempts, in order. */
  readonly reports: readonly AttemptReport[];
}

/** Everything ends with the test. `folder` is the agent's home, not made yet. */
export async function farSide() {
  const folder = join(tempFolder(), 'agent');
  const identity = await newIdentity();

  function start(...words: readonly string[]) {
    const args = [ENTRY, ...words, '--home', folder];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const said = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const)
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        said[stream] += text;
      });
    const exited = once(child, 'close').then(([code]) => ({ code: code as number | null, ...said }));
    onTestFinished(async () => {
      child.kill('SIGKILL');
      await exited;
    });
    return { child, exited, said };
  }

  /** The next link, welcomed. A worker that leaves is let go. */
  async function hold(running: RunningListener): Promise<Held> {
    const link = await running.nextLink();
    const worker = { workerId: WORKER, name: 'rig', isLocal: false, admission: 'open', remote: null } as const;
    const { port } = running.listener;
    const meeting = unwrapped(
      await meetAgent({
        ...{ link, key: identity.key, cryptography: nodeCryptography, timers: systemTimers, version: '0' },
        codeSecret: null,
        admit: async () => ({ kind: 'admitted', worker, isNew: false }),
        reachableAt: () => ({ addresses: ['127.0.0.1'], port }),
      }),
    );
    const reports: AttemptReport[] = [];
    const nothing = () => undefined;
    const session = createSession({
      ...{ link, knownSeries: new Map(), clock: systemClock, timers: systemTimers },
      to: {
        ...{ heard: nothing, delivered: nothing, leftOut: nothing, health: nothing, ended: nothing, pulses: nothing },
        leaving: () => session.close(),
        attempts(message) {
          reports.push(...message.reports);
          const taken = message.reports.map(({ attemptId, version }) => ({ attemptId, version }));
          session.taken({ kind: 'attempts-taken', taken });
        },
      },
    });
    meeting.handOver(session);
    return { session, claim: meeting.claim, reports };
  }

  return { folder, identity, listen: () => startListener({ identity }), start, hold };
}

export function orderOf(number: number, script: string): AttemptOrder {
  const taskId = taskIdOf(number);
  return {
    ...{ attemptId: attemptIdOf(taskId, 1), taskId, name: `task-${number}`, command: ['/bin/sh', '-c', script] },
    ...{ cwd: null, env: {}, stdin: null, files: [], fetch: [], fileLimitBytes: 1_000_000, gpuIndexes: [] },
    ...{ timeoutMs: null, graceMs: 1_000, outputLimitBytes: 1_000_000 },
  };
}

/** The newest that was told of an attempt. */
export function newest({ reports }: Held, { attemptId }: AttemptOrder) {
  return expect.poll(() => reports.findLast((one) => one.attemptId === attemptId), { timeout: 20_000 });
}

/** Begins an attempt that goes on until `gate` is there. */
export async function beginWaiting(held: Held, gate: string, then = 'exit 0'): Promise<AttemptOrder> {
  const order = orderOf(1, `echo $$ > '${gate}.pid'; while [ ! -e '${gate}' ]; do sleep 0.05; done; ${then}`);
  expect(await held.session.ask('start-attempts', { orders: [order] })).toEqual({ ok: true, value: null });
  await newest(held, order).toMatchObject({ state: 'running' });
  return order;
}
