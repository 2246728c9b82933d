/** The running agent: sampling into the outbox, the outbox onto the link, until a signal or the coordinator ends it. */
import { uptime } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { ExitCode } from '../core/failure-words.ts';
import type { WorkerEvent } from '../core/metrics/sample.ts';
import { fail } from '../core/result.ts';
import type { Log, SigningKey } from '../engine/ports.ts';
import { type Trust, writeTrust } from '../node/agent-home/trust.ts';
import { systemClock } from '../node/system-clock.ts';
import { systemTimers } from '../node/system-timers.ts';
import type { Arrivals } from './arrivals.ts';
import { type LinkNews, openConnection } from './connection.ts';
import { createCoordinatorClock } from './coordinator-clock.ts';
import type { Introduction } from './introduction.ts';
import { readInventoryInProcess } from './inventory-process.ts';
import { createOutbox } from './outbox.ts';
import type { OwnTasks } from './own-tasks.ts';
import type { Profile } from './profile.ts';
import { isForgotten, type Reached } from './reaching.ts';
import { type Sampling, startSampling } from './sampling.ts';
import { complain, lengthOf, sayTimed, sizeOf } from './speech.ts';
import { openSpool } from './spool.ts';
import { keepStatus } from './status-keeper.ts';
import type { StopWatch } from './stop-watch.ts';
import type { Surroundings } from './surroundings.ts';
import { TASKS_STAY, type TaskDesk } from './task-desk.ts';
import { takeUpdateOutcome } from './update.ts';
import { type NewerAgent, receiveUpdates } from './update-receiving.ts';

/** What was read last has this long to be taken when the agent ends. */
const LAST_WORDS_MS = 1_000;
/** A machine that joins reads nothing before it knows the coordinator's time, or for so long. */
const CLOCK_LIMIT_MS = 1_500;
const NOTHING_RUNS = { cores: 0, memoryBytes: 0, gpuIndexes: [] };
/** Between two tries to reach a coordinator that is away. */
const LONGEST_WAIT_MS = 10_000;
/** A difference that moved by less is not written down anew. */
const CLOCK_NOTED_MS = 50;

export interface AgentOptions {
  readonly around: Surroundings;
  readonly trust: Trust;
  readonly key: SigningKey;
  readonly introduction: Introduction;
  /** Disposed when the agent ends. */
  readonly tasks: OwnTasks;
  /** The meeting in which this machine joined just now; null when it goes on. */
  readonly first: Extract<Reached, { readonly kind: 'welcome' }> | null;
  /** Where the coordinator dials this machine; null: this machine dials. */
  readonly arrivals: Arrivals | null;
  /** What it claims to be; null: what it is. */
  readonly profile: Profile | null;
  readonly log: Log;
  readonly stop: StopWatch;
}

/** 0: stopped in order; 1: the coordinator wants no more of it; or a newer agent that lies ready to take its place. */
export async function runAgent(options: AgentOptions): Promise<ExitCode | NewerAgent> {
  const { around, log, profile, stop } = options;
  const tasks = options.tasks.desk;
  const { home } = around;
  let trust = options.trust;
  let sampling: Sampling | null = null;
  const status = keepStatus({
    home,
    clock: systemClock,
    timers: systemTimers,
    trust,
    version: options.introduction.agentVersion,
    tasksProblem: options.tasks.problem,
  });

  const clock = createCoordinatorClock({
    machine: systemClock,
    sinceBootMs: () => (process.platform === 'linux' ? uptime() * 1_000 : null),
    differenceMs: trust.clockDifferenceMs,
  });
  const spool = openSpool({
    folder: home.spoolFolder,
    clock: systemClock,
    onProblem(problem) {
      status.set({ diskProblem: problem?.message ?? null });
      const words = problem?.message ?? 'The disk takes samples again.';
      if (problem === null) log.info(words);
      else log.error(words);
      sayTimed(words);
    },
  });
  const outbox = createOutbox({ spool, clock: systemClock, timers: systemTimers });
  const health = () => ({ spooledBytes: spool.bytes(), lostTicks: spool.lostTicks() });
  status.watch(() => ({ ...health(), clockDifferenceMs: clock.differenceMs() }));

  function keepTrust(changed: Trust): void {
    trust = { ...changed, clockDifferenceMs: Math.round(clock.assumedDifferenceMs()) };
    const written = writeTrust(home, trust);
    if (!written.ok) log.warn(written.error.message);
    status.set({ name: trust.name, level: trust.level });
  }

  function tellNews(news: LinkNews): void {
    switch (news.kind) {
      case 'online': {
        const waiting = spool.bytes();
        const delivering = waiting === 0 ? '' : ` Delivering ${sizeOf(waiting)} of what was read meanwhile.`;
        const away = news.awayMs === null ? `Connected to ${news.address}.` : `Back after ${lengthOf(news.awayMs)}.`;
        sayTimed(`${away}${delivering}`);
        log.info('Connected.', { address: news.address });
        status.set({ state: 'online', address: news.address, reason: null });
        break;
      }
      case 'away':
        sayTimed(`${news.reason} Samples are kept until the coordinator is back.`);
        sampling?.watchProcesses(false);
        status.set({ state: 'connecting', reason: news.reason });
        break;
      case 'still-away':
        if (status.now().reason === null) sayTimed(`${news.reason} Samples are kept until the coordinator is reached.`);
        status.set({ state: 'connecting', reason: news.reason });
    }
  }

  const updates = receiveUpdates(around);
  let tellClock: () => void = () => undefined;
  const clockKnown = new Promise<void>((resolve) => {
    tellClock = resolve;
  });
  const connection = openConnection({
    ...options,
    trust,
    session: {
      ...{ outbox, tasks, clock, health, machine: systemClock, timers: systemTimers },
      onSetLevel(level) {
        sampling?.setLevel(level);
        keepTrust({ ...trust, level });
      },
      onRefreshInventory: () => sampling?.refreshInventory(),
      onWatchProcesses: (isWatched) => sampling?.watchProcesses(isWatched),
      onUpdate: updates.take,
      onClock() {
        tellClock();
        if (Math.abs(clock.assumedDifferenceMs() - trust.clockDifferenceMs) > CLOCK_NOTED_MS) keepTrust(trust);
      },
    },
    longestWaitMs: LONGEST_WAIT_MS,
    random: Math.random,
    onNews: tellNews,
    onLevel: (level) => sampling?.setLevel(level),
    onTrust: keepTrust,
  });
  if (options.first !== null)
    await Promise.race([clockKnown, connection.ended, stop.stopped, pause(CLOCK_LIMIT_MS, undefined, { ref: false })]);
  sampling = startSampling({
    level: trust.level,
    clock,
    startInventory: () => readInventoryInProcess(around.agentFile),
    onBatch: outbox.add,
    profiled: profile && { profile, taskUse: () => tasks?.use() ?? NOTHING_RUNS },
  });
  outbox.add(eventNow('started', `The agent started (version ${options.introduction.agentVersion}).`));

  const update = takeUpdateOutcome(around);
  if (update !== null) outbox.add(eventNow(update.kind, update.message));

  const farewell = await Promise.race([connection.ended, stop.stopped, updates.ready]);
  const refusal = farewell?.kind === 'refusal' ? farewell : null;
  await sampling.dispose();
  outbox.add(eventNow('stopped', 'The agent stopped.'));
  if (refusal === null) await outbox.settled(LAST_WORDS_MS);
  connection.close();
  await connection.ended;
  if (refusal !== null && isForgotten(refusal)) await endTasks(tasks);
  await tasks?.dispose();
  outbox.dispose();
  spool.dispose();
  keepTrust(trust);
  status.end(refusal?.message ?? null);
  if (farewell?.kind === 'update') return farewell;
  if (refusal === null) return 0;
  complain(fail('not-permitted', refusal.message).error);
  return 1;

  function eventNow(kind: WorkerEvent['kind'], message: string) {
    return { events: [{ atMs: Math.round(clock.nowMs()), kind, message }] };
  }
}

/** The coordinator knows this worker no longer: nobody will fetch what its tasks made, and they run elsewhere. */
async function endTasks(tasks: TaskDesk | null): Promise<void> {
  if (tasks === null || tasks.load().held === 0) return;
  sayTimed('Ending the tasks that run here: the coordinator wants nothing more of them.');
  if (!(await tasks.endAll())) sayTimed(TASKS_STAY);
}
