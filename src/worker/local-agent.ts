/**
 * The agent on the app's own machine: runs its tasks and does nothing else, for the app samples by itself. It outlives
 * the app, so that tasks do, and ends by itself when there is nothing to wait for.
 *
 * Whom it serves, as who and where, stands in the trust file, which the app keeps; it may be written anew at any time.
 */
import { type ExitCode, exitCodeOf, UNABLE_EXIT } from '../core/failure-words.ts';
import { type Failure, fail } from '../core/result.ts';
import { NO_LIMITS } from '../core/tasks/terms.ts';
import { type Disposable, SECOND_MS } from '../core/time.ts';
import { prepareHome } from '../node/agent-home/home.ts';
import { readTrust, type Trust } from '../node/agent-home/trust.ts';
import { systemClock } from '../node/system-clock.ts';
import { systemTimers } from '../node/system-timers.ts';
import { openAgentKey } from '../node/transport/agent-key.ts';
import { openAgentLog } from './agent-log.ts';
import { type LinkNews, openConnection } from './connection.ts';
import { createCoordinatorClock } from './coordinator-clock.ts';
import { claimHome } from './home-lock.ts';
import { introduction } from './introduction.ts';
import type { Outbox } from './outbox.ts';
import { type OwnTasks, openOwnTasks } from './own-tasks.ts';
import { complain } from './speech.ts';
import { keepStatus } from './status-keeper.ts';
import { type StopWatch, watchForStop } from './stop-watch.ts';
import type { Surroundings } from './surroundings.ts';
import type { DeskLoad } from './task-desk.ts';
import { agentVersion } from './version.ts';

/** The app is on the same machine: looking for it costs next to nothing. */
const LONGEST_WAIT_MS = SECOND_MS;
/** An app that starts again is back by then. */
const ALONE_MS = 10 * SECOND_MS;
/** Tasks seldom come alone. */
const IDLE_MS = 60 * SECOND_MS;
const LOOK_EVERY_MS = 500;

/** The app starts its own file of the agent. */
const BELONGS_TO_THE_APP = fail('not-permitted', 'This agent belongs to the app on its machine.');

/** Nothing is read here, so there is nothing to deliver. */
const NO_SAMPLES: Outbox = {
  add() {},
  attach() {},
  detach() {},
  taken() {},
  settled: () => Promise.resolve(),
  dispose() {},
};

/** 0: ended in order; 1: the coordinator wants none of it; 3: another one runs already; or `UNABLE_EXIT`. */
export async function runLocalAgent({ home }: Surroundings): Promise<ExitCode> {
  const stop = watchForStop(systemClock);
  const prepared = prepareHome(home);
  if (!prepared.ok) return refuse(prepared.error);
  const claim = await claimHome(home, agentVersion(), systemClock);
  if (claim.kind !== 'claimed') return refuse(claim.error);
  const log = openAgentLog(home);
  try {
    const trust = readTrust(home);
    if (!trust.ok) return refuse(trust.error);
    if (trust.value === null) return refuse(fail('not-found', `${home.trustFile} is missing.`).error);
    const tasks = await openOwnTasks(home, NO_LIMITS, log);
    return await serve({ home, trust: trust.value, tasks, log, stop });
  } finally {
    await claim.lock.dispose();
    await log.dispose();
  }
}

interface ServeOptions extends Pick<Surroundings, 'home'> {
  readonly trust: Trust;
  readonly tasks: OwnTasks;
  readonly log: ReturnType<typeof openAgentLog>;
  readonly stop: StopWatch;
}

async function serve({ home, trust, tasks, log, stop }: ServeOptions): Promise<ExitCode> {
  const status = keepStatus({
    ...{ home, trust, clock: systemClock, timers: systemTimers },
    ...{ version: agentVersion(), tasksProblem: tasks.problem },
  });
  const key = openAgentKey(home.folder);
  const { desk } = tasks;
  if (desk === null || !key.ok) {
    const failure = key.ok ? fail('unavailable', tasks.problem ?? '').error : key.error;
    status.end(failure.message);
    await desk?.dispose();
    refuse(failure);
    return UNABLE_EXIT;
  }
  const clock = createCoordinatorClock({ machine: systemClock, sinceBootMs: () => null, differenceMs: 0 });
  const solitude = watchSolitude(desk.load);
  const connection = openConnection({
    ...{ trust, key: key.value, introduction: introduction(null, tasks.terms), first: null, log },
    readTrustAgain() {
      const read = readTrust(home);
      return read.ok ? read.value : null;
    },
    longestWaitMs: LONGEST_WAIT_MS,
    random: Math.random,
    session: {
      ...{ outbox: NO_SAMPLES, tasks: desk, clock, machine: systemClock, timers: systemTimers },
      health: () => ({ spooledBytes: 0, lostTicks: 0 }),
      onSetLevel() {},
      onRefreshInventory() {},
      onWatchProcesses() {},
      onUpdate: () => Promise.resolve(BELONGS_TO_THE_APP),
      onClock() {},
    },
    onNews(news) {
      solitude.hear(news);
      if (news.kind === 'online') status.set({ state: 'online', address: news.address, reason: null });
      else status.set({ state: 'connecting', reason: news.reason });
    },
    onLevel() {},
    onTrust() {},
  });
  const refusal = await Promise.race([connection.ended, stop.stopped, solitude.isOver]);
  solitude.dispose();
  connection.close();
  await connection.ended;
  await desk.dispose();
  status.end(refusal?.message ?? null);
  return refusal === null ? 0 : refuse(fail('not-permitted', refusal.message).error);
}

interface Solitude extends Disposable {
  hear(news: LinkNews): void;
  /** Nobody is there, and nothing is left to do or to tell. */
  readonly isOver: Promise<null>;
}

/**
 * An app that ends the link in order wants nothing more of an agent that holds nothing; one that is gone may come back, and
 * one that is there starts another agent when there is something to do.
 */
function watchSolitude(load: () => DeskLoad): Solitude {
  let isLinked = false;
  let idleSinceMs: number | null = null;
  let end: (nothing: null) => void = () => undefined;
  const isOver = new Promise<null>((resolve) => {
    end = resolve;
  });
  let timer = systemTimers.after(0, look);

  function look(): void {
    timer = systemTimers.after(LOOK_EVERY_MS, look);
    const nowMs = systemClock.monotonicMs();
    const { running, untaken, held } = load();
    if (running > 0 || untaken > 0 || (isLinked && held > 0)) idleSinceMs = null;
    else idleSinceMs ??= nowMs;
    if (idleSinceMs !== null && nowMs - idleSinceMs >= (isLinked ? IDLE_MS : ALONE_MS)) end(null);
  }

  return {
    isOver,
    hear(news) {
      if (isLinked !== (news.kind === 'online')) idleSinceMs = null;
      isLinked = news.kind === 'online';
      if (news.kind === 'away' && news.isClosed && load().held === 0) end(null);
    },
    dispose: () => timer.dispose(),
  };
}

function refuse(failure: Failure): ExitCode {
  complain(failure);
  return exitCodeOf(failure);
}
