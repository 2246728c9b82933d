/** One remote worker as the coordinator attends to it: its link, what it delivers, what it is asked, what is lost. */
import { type Effect, type Moment, newLinkState, type Stimulus, step } from '../core/coordination/link-state.ts';
import type { WorkerId } from '../core/fleet/worker.ts';
import { formatDuration } from '../core/metrics/format.ts';
import type { Level } from '../core/metrics/level.ts';
import type { SampleBatch, WorkerEvent } from '../core/metrics/sample.ts';
import type { SeriesKey } from '../core/metrics/series.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { type Clock, MINUTE_MS } from '../core/time.ts';
import type { AgentRequestName, AgentRequests, Refusal } from '../shared/protocol/contract.ts';
import { lastSeenOf } from './admission.ts';
import { type AgentProgram, createAgentUpdate } from './agent-update.ts';
import type { AgentMeeting } from './coordinator-handshake.ts';
import { createLossLedger } from './loss-ledger.ts';
import { createMeter } from './meter.ts';
import type { Monitor } from './monitor.ts';
import type { EnrolledWorker, LastSeen, Link, Log, Store, Timers } from './ports.ts';
import type { TaskDoor } from './tasks/contract.ts';
import { createIntake } from './worker-intake.ts';
import { createSession, type SessionListener, type WorkerSession } from './worker-session.ts';

/** After a crash "last seen" is at most this old. */
const SAVE_SEEN_EVERY_MS = 15 * MINUTE_MS;
/** Links may come and go without end; lines of the log and writes to fleet.db for it may not. */
const LINK_CHANGES = { perSecond: 1 / 10, atOnce: 30 };

export interface AttendedWorkerOptions {
  readonly worker: EnrolledWorker;
  readonly store: Pick<Store, 'saveWorkerLevel' | 'saveLastSeen'>;
  readonly monitor: Pick<Monitor, 'ingest' | 'setLevel' | 'setLink' | 'setRemote'>;
  readonly tasks: TaskDoor;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  /** The person at the worker ended the trust. */
  readonly onLeaving: () => void;
}

export interface AttendedWorker {
  worker(): EnrolledWorker;
  /** The worker as the store has it now. */
  update(worker: EnrolledWorker): void;
  /** A link that was just welcomed; it takes the place of an earlier one. */
  attach(link: Link, meeting: AgentMeeting): void;
  /** Where it was last linked from; null before its first link. */
  address(): string | null;
  /** Several times a second. `isAlone`: this machine has no network; asked only where it matters. */
  look(lostAfterMs: number, isAlone: () => boolean): void;
  /** The coordinator itself was away until now. */
  resumed(): void;
  setLevel(level: Level): Promise<Result<null>>;
  /** Null while it has no link. */
  ask<Name extends AgentRequestName>(
    method: Name,
    params: AgentRequests[Name]['params'],
  ): Promise<Result<AgentRequests[Name]['value']>> | null;
  watch(isWatched: boolean): void;
  /** Resolves when a newer agent runs there, or with why it does not. */
  updateAgent(program: AgentProgram): Promise<Result<null>>;
  record(kind: WorkerEvent['kind'], message: string): void;
  /** Ends the link, for good. Resolves when it is kept when the worker was last seen. */
  dispose(lastWord?: Refusal): Promise<void>;
}

export function attendWorker(options: AttendedWorkerOptions): AttendedWorker {
  const { store, monitor, tasks, clock, timers, log } = options;
  const workerId: WorkerId = options.worker.workerId;
  const knownSeries = new Map<string, SeriesKey>();
  const intake = createIntake(clock);
  const losses = createLossLedger(clock);
  const agentUpdate = createAgentUpdate({
    timers,
    onChange(isUpdating) {
      if (!isDisposed) monitor.setRemote(workerId, { isUpdating });
    },
  });
  const maySave = createMeter(LINK_CHANGES, clock);
  const mayLog = createMeter(LINK_CHANGES, clock);
  let worker = options.worker;
  let lastSeen: LastSeen | null = worker.remote?.lastSeen ?? null;
  let link = newLinkState(lastSeen?.atMs ?? null, clock.monotonicMs());
  let session: WorkerSession | null = null;
  let isWatched = false;
  let seenSavedAtMs = Number.NEGATIVE_INFINITY;
  let isDisposed = false;

  const moment = (): Moment => ({ monotonicMs: clock.monotonicMs(), wallMs: clock.nowMs() });

  function apply(stimulus: Stimulus): void {
    const next = step(link, stimulus, moment());
    link = next.state;
    for (const effect of next.effects) perform(effect);
  }

  function perform(effect: Effect): void {
    if (effect.kind === 'ping') session?.ping();
    else if (effect.kind === 'drop-link') dropLink('Nothing was heard on it for too long.');
    else if (effect.kind === 'record') record(effect.event, wordsFor(effect.event, effect.awayMs));
    else {
      const awaySinceMs = effect.reach === 'online' ? null : effect.awaySinceMs;
      monitor.setLink(workerId, { state: effect.reach, awaySinceMs });
      if (effect.reach === 'lost') tasks.lost(workerId);
    }
  }

  function record(kind: WorkerEvent['kind'], message: string): void {
    if (isDisposed) return;
    monitor.ingest(workerId, { events: [{ atMs: Math.round(clock.nowMs()), kind, message }] });
  }

  function dropLink(reason: string): void {
    session?.close();
    unlinked(reason);
  }

  function unlinked(reason: string): void {
    session = null;
    tasks.unlinked(workerId);
    tell('A worker’s link ended.', { reason });
    apply({ kind: 'unlinked' });
    if (maySave()) void saveSeen();
  }

  function tell(message: string, about: Readonly<Record<string, unknown>> = {}): void {
    if (mayLog()) log.info(message, { worker: worker.name, ...about });
  }

  async function saveSeen(): Promise<void> {
    if (lastSeen === null || link.heardAtMs === null) return;
    seenSavedAtMs = clock.monotonicMs();
    lastSeen = { ...lastSeen, atMs: link.heardAtMs };
    // A disk that refuses this is told of by the storage notices.
    await store.saveLastSeen(workerId, lastSeen);
  }

  function deliver(delivered: SampleBatch, isLate: boolean): void {
    const { batch, ticksLeftOut } = intake(delivered);
    losses.leftOut(ticksLeftOut);
    agentUpdate.heard(batch.events ?? []);
    monitor.ingest(workerId, batch, isLate ? 'late' : 'live');
  }

  const listener: SessionListener = {
    heard: () => apply({ kind: 'heard' }),
    delivered: deliver,
    leftOut: (series) => tell('A worker reports series that are not kept.', { series }),
    health({ clockDifferenceMs, spooledBytes, lostTicks }) {
      losses.reported(lostTicks);
      monitor.setRemote(workerId, { clockDifferenceMs, spooledBytes, lostTicks: losses.lostTicks() });
    },
    attempts: (message) => tasks.reports(workerId, message),
    pulses: (pulses) => tasks.pulses(workerId, pulses),
    leaving: options.onLeaving,
    ended: unlinked,
  };

  function attach(newLink: Link, { claim, handOver }: AgentMeeting): void {
    if (session !== null) {
      tell('A worker’s new link takes the place of the earlier one.');
      session.close();
    }
    session = createSession({ link: newLink, knownSeries, clock, timers, to: listener });
    lastSeen = lastSeenOf(claim, Math.round(clock.nowMs()));
    apply({ kind: 'linked' });
    const { address, agentVersion, platform, runsTasks, taskTerms } = claim;
    monitor.setRemote(workerId, { address, agentVersion, platform, runsTasks, taskTerms });
    if (maySave()) void saveSeen();
    if (isWatched) void session.ask('watch-processes', { isWatched });
    tasks.linked(workerId, session);
    handOver(session);
  }

  return {
    worker: () => worker,
    update(newWorker) {
      worker = newWorker;
    },
    attach,
    address: () => lastSeen?.address ?? null,
    look(lostAfterMs, isAlone) {
      apply({ kind: 'looked', lostAfterMs, isAlone: link.reach === 'unreachable' && isAlone() });
      for (const line of losses.due()) record('samples-lost', line);
      if (session !== null && clock.monotonicMs() - seenSavedAtMs >= SAVE_SEEN_EVERY_MS) void saveSeen();
    },
    resumed: () => apply({ kind: 'resumed' }),
    async setLevel(level) {
      const saved = await store.saveWorkerLevel(workerId, level);
      if (!saved.ok || isDisposed) return saved;
      if (worker.remote !== null) worker = { ...worker, remote: { ...worker.remote, level } };
      monitor.setLevel(workerId, level);
      record('level-changed', `Level changed to ${level}.`);
      const asked = await session?.ask('set-level', { level });
      // Out of reach it hears of its level when it is welcomed again.
      return asked === undefined || asked.ok || asked.error.code === 'unavailable' ? ok(null) : asked;
    },
    ask: (method, params) => session?.ask(method, params) ?? null,
    watch(isNowWatched) {
      if (isNowWatched === isWatched) return;
      isWatched = isNowWatched;
      void session?.ask('watch-processes', { isWatched });
    },
    async updateAgent(program) {
      if (session === null) return fail('unavailable', `${worker.name} cannot be reached now.`);
      return lastSeen?.agentVersion === program.version ? ok(null) : agentUpdate.run(session, program);
    },
    record,
    async dispose(lastWord) {
      isDisposed = true;
      agentUpdate.dispose();
      const wasLinked = session !== null;
      session?.close(lastWord);
      session = null;
      if (wasLinked) tasks.unlinked(workerId);
      if (wasLinked) await saveSeen();
    },
  };
}

function wordsFor(event: 'unreachable' | 'lost' | 'back', awayMs: number | null): string {
  const duration = awayMs === null ? null : formatDuration(awayMs).replaceAll('\u00a0', ' ');
  switch (event) {
    case 'unreachable':
      return duration === null ? 'Out of reach.' : `Out of reach: nothing heard for ${duration}.`;
    case 'lost':
      return duration === null ? 'Lost: never heard of.' : `Lost: nothing heard for ${duration}.`;
    case 'back':
      return duration === null ? 'Back in reach.' : `Back in reach after ${duration}.`;
  }
}
