/**
 * Between the link and what runs on this machine: obeys what the coordinator asks about attempts, and tells it what
 * becomes of them. Without a link, attempts go on all the same.
 */

import { fail, ok, type Result } from '../core/result.ts';
import type { AttemptPulse, AttemptReport } from '../core/tasks/attempt.ts';
import type { AttemptId } from '../core/tasks/task.ts';
import type { TaskTerms } from '../core/tasks/terms.ts';
import { type Clock, type Disposable, SECOND_MS } from '../core/time.ts';
import type { Log, Timers } from '../engine/ports.ts';
import type { AttemptHost, OpenAttemptHost } from '../node/tasks/contract.ts';
import {
  type AgentRequestName,
  type AgentRequests,
  type AttemptsTaken,
  LIMITS,
  type Request,
} from '../shared/protocol/contract.ts';
import { neverHeard } from './attempt-telling.ts';
import type { TaskUse } from './profile-collector.ts';
import { createReportSender, type TaskCarrier } from './report-sender.ts';

/** Of tasks whose end was asked for and did not come. */
export const TASKS_STAY = 'Some tasks have not ended; their processes go on.';
/** Beyond the longest grace that an order asks for in practice. */
const ENDING_LIMIT_MS = 20 * SECOND_MS;
const LOOK_AGAIN_MS = 50;
/** Its owner has taken the leave back: what runs goes on, and nothing else may begin. */
const NOTHING_NEW: TaskTerms = { maxParallel: null, programs: [], asUser: null };

export interface TaskDeskOptions {
  /** Where attempts lie. */
  readonly folder: string;
  /** Null: nothing new is begun; what an earlier leave began goes on. */
  readonly terms: TaskTerms | null;
  readonly openHost: OpenAttemptHost;
  /** This machine's clock. */
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
}

export interface TaskDesk extends Disposable {
  /** A new link: what is held is told at once. */
  attach(carrier: TaskCarrier): void;
  detach(): void;
  /** Resolves when it is done. `method` is one of the requests about attempts. */
  obey<Name extends AgentRequestName>(request: Request<Name>): Promise<Result<AgentRequests[Name]['value']>>;
  taken(message: AttemptsTaken): void;
  load(): DeskLoad;
  /** What the attempts that run use now. */
  use(): TaskUse;
  /** Ends all that runs and forgets it; false where something has not ended after 20 s. */
  endAll(): Promise<boolean>;
  /** What runs goes on under its supervisors. */
  dispose(): Promise<void>;
}

export interface DeskLoad {
  /** Attempts that are not over. */
  readonly running: number;
  /** Reports that the coordinator has not taken. */
  readonly untaken: number;
  /** All of which something lies here. */
  readonly held: number;
}

type Obeying = {
  readonly [Name in AgentRequestName]?: (
    params: AgentRequests[Name]['params'],
  ) => Promise<Result<AgentRequests[Name]['value']>>;
};

/** Fails as the host does, where tasks cannot be run on this machine. */
export async function openTaskDesk(options: TaskDeskOptions): Promise<Result<TaskDesk>> {
  const { folder, terms, clock, timers, log } = options;
  const sender = createReportSender(clock, timers);
  let pulses: readonly AttemptPulse[] = [];
  const opened = await options.openHost({
    ...{ folder, terms: terms ?? NOTHING_NEW, clock, timers, log },
    onReport: sender.changed,
    onPulses(newest) {
      pulses = newest;
      sender.pulses(newest);
    },
  });
  return opened.ok ? ok(deskOver(opened.value, sender, options, () => pulses)) : opened;
}

function deskOver(
  host: AttemptHost,
  sender: ReturnType<typeof createReportSender>,
  { terms, clock, timers }: TaskDeskOptions,
  pulses: () => readonly AttemptPulse[],
): TaskDesk {
  /** Orders on their way to the disk. */
  const starting = new Map<AttemptId, Promise<Result<null>>>();

  const obeying: Obeying = {
    'missing-files': async ({ sha256 }) => ok({ missing: host.missingFiles(sha256) }),
    'bring-file': ({ sha256, offset, totalBytes, data }) =>
      host.bringFile(sha256, offset, totalBytes, Buffer.from(data, 'base64')),
    async 'start-attempts'({ orders }) {
      if (terms === null) return fail('not-permitted', 'The owner of this worker lets it run no tasks.');
      if (host.attempts().length + starting.size + orders.length > LIMITS.attemptsPerMessage) {
        return fail('unavailable', 'This worker holds as many attempts as it may; some have to be fetched first.');
      }
      const begun = await Promise.all(
        orders.map((order) => {
          const start = host.start(order).finally(() => starting.delete(order.attemptId));
          starting.set(order.attemptId, start);
          return start;
        }),
      );
      return begun.find(({ ok: isOk }) => !isOk) ?? ok(null);
    },
    async 'cancel-attempt'({ attemptId }) {
      await starting.get(attemptId);
      if (host.attempts().some((held) => held.attemptId === attemptId)) host.cancel(attemptId);
      else sender.changed(neverHeard(attemptId));
      return ok(null);
    },
    async 'forget-attempts'({ attemptIds }) {
      await host.forget(attemptIds);
      for (const attemptId of attemptIds) sender.drop(attemptId);
      return ok(null);
    },
    'read-output': ({ attemptId, offset }) => host.readOutput(attemptId, offset),
    'read-file': ({ attemptId, path, offset }) => host.readFile(attemptId, path, offset),
  };

  for (const report of host.attempts()) sender.changed(report);
  const running = () =>
    host
      .attempts()
      .filter(isRunning)
      .map(({ attemptId }) => attemptId);

  return {
    attach: (carrier) => sender.attach(carrier, host.attempts()),
    detach: sender.detach,
    async obey({ method, params }) {
      const act = obeying[method];
      return act === undefined ? fail('invalid-argument', `${method} is not about tasks.`) : act(params);
    },
    taken: sender.taken,
    use() {
      const ids = new Set(running());
      const current = pulses().filter(({ attemptId }) => ids.has(attemptId));
      return {
        cores: current.reduce((sum, { cores }) => sum + (cores ?? 0), 0),
        memoryBytes: current.reduce((sum, { memoryBytes }) => sum + (memoryBytes ?? 0), 0),
        gpuIndexes: host.gpusInUse(),
      };
    },
    load: () => ({ running: running().length, untaken: sender.untaken(), held: host.attempts().length }),
    async endAll() {
      for (const attemptId of running()) host.cancel(attemptId);
      const giveUpAtMs = clock.monotonicMs() + ENDING_LIMIT_MS;
      while (running().length > 0 && clock.monotonicMs() < giveUpAtMs) {
        await new Promise<void>((resolve) => timers.after(LOOK_AGAIN_MS, resolve));
      }
      const over = host.attempts().filter((report) => !isRunning(report));
      await host.forget(over.map(({ attemptId }) => attemptId));
      return running().length === 0;
    },
    dispose() {
      sender.dispose();
      return host.dispose();
    },
  };
}

function isRunning({ state }: AttemptReport): boolean {
  return state !== 'ended';
}
