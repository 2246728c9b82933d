/**
 * The local worker's link for tasks: its agent runs them and nothing else. The machine is sampled by Labwatch itself and
 * is always in reach, so whatever else the agent says is left alone.
 */
import type { WorkerId } from '../core/fleet/worker.ts';
import type { Clock, Disposable } from '../core/time.ts';
import type { AgentMeeting } from './coordinator-handshake.ts';
import type { Link, Log, Timers } from './ports.ts';
import type { TaskDoor } from './tasks/contract.ts';
import { createSession, type SessionListener, type WorkerSession } from './worker-session.ts';

export interface LocalTasksOptions {
  readonly workerId: WorkerId;
  readonly tasks: TaskDoor;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
}

export interface LocalTasks extends Disposable {
  /** A link that was just welcomed; it takes the place of an earlier one. */
  attach(link: Link, meeting: AgentMeeting): void;
  dispose(): void;
}

export function attendLocalTasks({ workerId, tasks, clock, timers, log }: LocalTasksOptions): LocalTasks {
  let session: WorkerSession | null = null;

  const listener: SessionListener = {
    heard() {},
    delivered() {},
    leftOut() {},
    health() {},
    leaving() {},
    attempts: (message) => tasks.reports(workerId, message),
    pulses: (pulses) => tasks.pulses(workerId, pulses),
    ended(reason) {
      session = null;
      log.info('The link to this machine’s own agent ended.', { reason });
      tasks.unlinked(workerId);
    },
  };

  return {
    attach(link, { handOver }) {
      session?.close();
      session = createSession({ link, knownSeries: new Map(), clock, timers, to: listener });
      tasks.linked(workerId, session);
      handOver(session);
    },
    dispose() {
      if (session === null) return;
      session.close();
      session = null;
      tasks.unlinked(workerId);
    },
  };
}
