/**
 * Attempts on this machine, from their orders to their ends. Whatever happened is in files: this process may end at any
 * moment, and the next one reads there where each attempt stands.
 */
import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, ok, type Result } from '../../core/result.ts';
import type { AttemptOrder } from '../../core/tasks/attempt.ts';
import type { AttemptId } from '../../core/tasks/task.ts';
import { MINUTE_MS } from '../../core/time.ts';
import { fileFailure } from '../task-files/file-failure.ts';
import { isAttemptId } from '../task-files/folders.ts';
import { type AttemptPlace, placeOf, writeAtOnce, writeOrder } from './attempt-place.ts';
import { createBroughtFiles } from './brought-files.ts';
import { baseEnvironment } from './command-environment.ts';
import type { AttemptHost, AttemptHostOptions, OpenAttemptHost } from './contract.ts';
import { findGroups } from './control-groups.ts';
import { openForker } from './forker.ts';
import { createGpuUsage } from './gpu-usage.ts';
import { endedReport, type HeldAttempt, shortEnd } from './held-attempt.ts';
import { heldReading } from './held-reading.ts';
import { createLives, type Lives } from './lives.ts';
import { createMemoryReader } from './memory-reader.ts';
import { createRounds, type Rounds } from './rounds.ts';
import { openScratchRoot } from './scratch-root.ts';
import { openSparePlaces } from './spare-places.ts';
import { heldWith, takeOver } from './taking-over.ts';

/** A coordinator keeps to `maxParallel`; one that is so far off it is at fault. */
const MOST_OVER = 4;

export const openAttemptHost: OpenAttemptHost = async (options) => {
  try {
    return await open(options);
  } catch (error) {
    return fileFailure(error, `The folder for tasks (${options.folder})`);
  }
};

async function open(options: AttemptHostOptions): Promise<Result<AttemptHost>> {
  const { folder, terms, clock, timers, log } = options;
  const attemptsFolder = join(folder, 'attempts');
  const filesFolder = join(folder, 'files');
  for (const one of [attemptsFolder, filesFolder]) await mkdir(one, { recursive: true, mode: 0o700 });
  const held = new Map<AttemptId, HeldAttempt>();
  const nursery = await openForker({
    asUser: terms.asUser,
    log,
    timers,
    onStart: (attemptId, facts) => lives.started(attemptId, facts),
    onEnd: (attemptId, facts) => void lives.ended(attemptId, facts),
    onRestart: () => {
      for (const one of held.values()) if (one.isLaunched && one.start === null) void lives.begin(one);
    },
  });
  if (!nursery.ok) return nursery;
  const { user } = nursery.value;
  const scratchRoot = openScratchRoot(folder, user);
  if (!scratchRoot.ok) {
    await nursery.value.dispose();
    return scratchRoot;
  }
  const places = await openSparePlaces(join(folder, 'spare'), user, notRemoved);
  const brought = createBroughtFiles(filesFolder);
  const memory = createMemoryReader(clock);
  const gpu = createGpuUsage(clock);
  const lives: Lives = createLives({
    held,
    nursery: nursery.value,
    surroundings: {
      brought,
      base: baseEnvironment(user),
      user,
      groupFor: findGroups(folder),
      programs: terms.programs,
    },
    meterOptions: { clock, memory },
    clock,
    log,
    onReport: options.onReport,
    onStart: (one) => rounds.readSoon(one),
    gpu,
  });
  const rounds: Rounds = createRounds({
    held,
    lives,
    memory,
    gpu,
    clock,
    timers,
    onPulses: options.onPulses,
    trimOutput: nursery.value.trimOutput,
  });
  const place = (attemptId: AttemptId): AttemptPlace => placeOf(attemptsFolder, scratchRoot.value, attemptId);

  function notRemoved(error: unknown): void {
    log.warn('What an attempt left could not be removed.', { error });
  }

  function hold(one: HeldAttempt): void {
    held.set(one.place.attemptId, one);
    if (one.report.state !== 'ended') rounds.wake();
  }

  function keepOrder(order: AttemptOrder): Result<null> {
    const own = place(order.attemptId);
    try {
      places.make(own, order.files.length === 0);
      writeOrder(own, order);
    } catch (error) {
      return fileFailure(error, 'The order of a task');
    }
    const one = heldWith(own, order);
    hold(one);
    options.onReport(one.report);
    void lives.begin(one);
    return ok(null);
  }

  function objectionTo({ attemptId, command }: AttemptOrder): ReturnType<typeof fail> | null {
    if (!isAttemptId(attemptId)) return fail('invalid-argument', 'This is no id of an attempt.');
    if (command.length === 0) return fail('invalid-argument', 'A task without a command cannot run.');
    const open = [...held.values()].filter(({ report }) => report.state !== 'ended').length;
    if (terms.maxParallel === null || open < terms.maxParallel * MOST_OVER) return null;
    return fail('not-permitted', `${open} tasks run here already, and the owner allows ${terms.maxParallel}.`);
  }

  /** An end was asked for of what never came: it is told like any other. */
  function holdCancelled(attemptId: AttemptId): void {
    const own = place(attemptId);
    const report = endedReport(own, null, clock.nowMs(), shortEnd('cancelled'), null);
    hold({ ...heldWith(own, null), report, isEnding: true });
    try {
      places.make(own, true);
      writeAtOnce(own.reportFile, JSON.stringify(report));
    } catch (error) {
      log.warn('The end of an attempt could not be written down.', { attemptId, error });
    }
    options.onReport(report);
  }

  for (const one of await takeOver(attemptsFolder, place, user, log)) hold(one);
  const earlier = [...held.values()].filter(({ report }) => report.state !== 'ended');
  for (const one of earlier) if (one.start !== null) lives.adopt(one, one.start);
  // After the caller has its host.
  const begin = timers.after(0, () => {
    for (const one of earlier) void (one.start === null ? lives.begin(one) : lives.check(one));
    void keepNeeded();
  });

  let keptAtMs = Number.NEGATIVE_INFINITY;
  async function keepNeeded(): Promise<void> {
    if (clock.monotonicMs() - keptAtMs < MINUTE_MS) return;
    keptAtMs = clock.monotonicMs();
    const needed = [...held.values()].flatMap(({ order }) => order?.files.map(({ sha256 }) => sha256) ?? []);
    await brought.keep(new Set(needed), clock.nowMs()).catch(() => {});
  }

  return ok({
    attempts: () => [...held.values()].map(({ report }) => report),
    async start(order) {
      if (held.has(order.attemptId)) return ok(null);
      return objectionTo(order) ?? keepOrder(order);
    },
    gpusInUse: () =>
      [...held.values()].flatMap(({ report, order }) => (report.state === 'ended' ? [] : (order?.gpuIndexes ?? []))),
    cancel(attemptId) {
      const one = held.get(attemptId);
      if (one !== undefined) lives.cancel(one);
      else if (isAttemptId(attemptId)) holdCancelled(attemptId);
    },
    async forget(attemptIds) {
      for (const attemptId of attemptIds) {
        const one = held.get(attemptId);
        if (one?.report.state !== 'ended') continue;
        held.delete(attemptId);
        await places.forget(one.place, isQuiet(one)).catch(notRemoved);
      }
      await keepNeeded();
    },
    ...heldReading(held, user),
    missingFiles: (sha256) => brought.missing(sha256),
    bringFile: (sha256, offset, totalBytes, bytes) => brought.bring(sha256, offset, totalBytes, bytes),
    async dispose() {
      begin.dispose();
      rounds.dispose();
      lives.dispose();
      await places.settled();
      await Promise.all([nursery.value.dispose(), gpu.dispose()]);
      // Stays where anything lies in it.
      if (scratchRoot.value !== null) await rmdir(scratchRoot.value).catch(() => {});
    },
  });
}

/** Its command ended by itself, and it is sure that no process of it is left. */
function isQuiet({ report: { end, usage } }: HeldAttempt): boolean {
  return end?.how === 'exited' && end.message === null && usage !== null && usage.basis !== 'process-tree';
}
