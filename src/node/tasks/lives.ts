/** What becomes of each attempt that is held: its beginning, its supervisor's word or silence, its end. */
import { existsSync, type FSWatcher, watch, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { AttemptEnd, AttemptReport, AttemptUsage } from '../../core/tasks/attempt.ts';
import type { AttemptId } from '../../core/tasks/task.ts';
import { type Clock, SECOND_MS } from '../../core/time.ts';
import type { Log } from '../../engine/ports.ts';
import { isMissing } from '../task-files/file-failure.ts';
import { type AttemptPlace, readEnd, readStart, writeAtOnce } from './attempt-place.ts';
import type { AttemptHostOptions } from './contract.ts';
import type { GpuUsage } from './gpu-usage.ts';
import { endedReport, endOf, type HeldAttempt, runningReport, shortEnd } from './held-attempt.ts';
import { endLeftovers } from './leftovers.ts';
import { createMeter, type MeterOptions } from './meter.ts';
import type { Nursery } from './nursery.ts';
import { type OutputTotals, outputTotals } from './output-reader.ts';
import { prepare, type Surroundings } from './preparing.ts';
import { fetchFiles } from './scratch-files.ts';
import type { EndFacts, StartFacts } from './supervisor-facts.ts';
import { askToEnd, isSupervisorAlive } from './supervisor-signal.ts';

export interface LivesOptions {
  readonly held: ReadonlyMap<AttemptId, HeldAttempt>;
  readonly nursery: Nursery;
  readonly surroundings: Surroundings;
  readonly meterOptions: Omit<MeterOptions, 'start' | 'gpu'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly onReport: AttemptHostOptions['onReport'];
  readonly onStart: (one: HeldAttempt) => void;
  readonly gpu: Pick<GpuUsage, 'read'>;
}

export interface Lives {
  /** Prepares it and gives it to a supervisor. */
  begin(one: HeldAttempt): Promise<void>;
  started(attemptId: AttemptId, facts: StartFacts): void;
  ended(attemptId: AttemptId, facts: EndFacts): Promise<void>;
  /** Takes over a running attempt of an earlier process. */
  adopt(one: HeldAttempt, start: StartFacts): void;
  /** Looks into its files for what nobody told. */
  check(one: HeldAttempt): Promise<void>;
  cancel(one: HeldAttempt): void;
  dispose(): void;
}

export function createLives(options: LivesOptions): Lives {
  const { held, nursery, clock, log } = options;
  /** Of attempts whose supervisors talk to nobody any more; null where the system has no watch left for it. */
  const watchers = new Map<AttemptId, FSWatcher | null>();
  let isDisposed = false;

  /** `isTold`: the supervisor's file tells all of it. */
  function finish(one: HeldAttempt, last: AttemptReport, isTold = false): void {
    const { place } = one;
    // Without the file, the next process works it out again from the supervisor's.
    try {
      if (!isTold) writeAtOnce(place.reportFile, JSON.stringify(last));
    } catch (error) {
      log.warn('The end of an attempt could not be written down.', { attemptId: place.attemptId, error });
    }
    unwatch(place.attemptId);
    one.meter = null;
    one.report = last;
    options.onReport(last);
  }

  function finishNow(one: HeldAttempt, end: AttemptEnd, usage: AttemptUsage | null): void {
    finish(one, endedReport(one.place, one.report.startedAtMs, clock.nowMs(), end, usage));
  }

  function unwatch(attemptId: AttemptId): void {
    watchers.get(attemptId)?.close();
    watchers.delete(attemptId);
  }

  function run(one: HeldAttempt, start: StartFacts): void {
    one.start = start;
    const indexes = one.order?.gpuIndexes ?? [];
    one.meter = createMeter({ ...options.meterOptions, start, gpu: (pids) => options.gpu.read(indexes, pids) });
    one.report = runningReport(one.place, start.startedAtMs);
    if (one.isCancelled) askToEnd(one.place.attemptId, start);
  }

  /** What cannot be read now was written all the same: its end waits until it can. Null: this process ends before that. */
  async function totals({ attemptId, folder }: AttemptPlace): Promise<OutputTotals | null> {
    for (let tries = 0; ; tries += 1) {
      try {
        return await outputTotals(folder);
      } catch (error) {
        if (isMissing(error)) return NOTHING_WRITTEN;
        if (tries === 0) log.warn('The output of an attempt cannot be read now.', { attemptId, error });
      }
      await pause(SECOND_MS, undefined, { ref: false });
      if (isDisposed) return null;
    }
  }

  async function vanished(one: HeldAttempt, { group }: StartFacts): Promise<void> {
    const { attemptId } = one.place;
    const usage = one.meter?.now().usage ?? null;
    const orphansEnded = await endLeftovers({ attemptId, group, nurseryPid: nursery.pid() }, clock);
    const written = await totals(one.place);
    if (written === null) return;
    const left = { orphansEnded, outputBytes: written.bytes, outputDroppedBytes: written.droppedBytes };
    finishNow(one, shortEnd('vanished', left), usage);
  }

  async function end(one: HeldAttempt, facts: EndFacts): Promise<void> {
    const { place, order } = one;
    if (one.start === null) {
      const start = await readStart(place).catch(() => null);
      if (start !== null) run(one, start);
    }
    const hasBegun = facts.how !== 'not-started' && facts.wallMs !== null;
    const isTold = order?.fetch.length === 0 && one.meter?.hasRead() === false;
    const usage = hasBegun ? (one.meter?.end(facts) ?? null) : null;
    const fetched =
      order === null ? NOTHING_FETCHED : await fetchFiles(place.scratch, order, options.surroundings.user);
    const written = facts.outputBytes === null ? await totals(place) : NOTHING_WRITTEN;
    if (written === null) return;
    const startedAtMs = hasBegun ? one.report.startedAtMs : null;
    finish(one, endedReport(place, startedAtMs, facts.endedAtMs, endOf(facts, written, fetched), usage), isTold);
  }

  /** Written first: a supervisor that is asked looks there whether its attempt is meant. */
  function askForEnd(one: HeldAttempt): void {
    const { attemptId, cancelFile } = one.place;
    try {
      writeFileSync(cancelFile, '');
      if (one.start !== null) askToEnd(attemptId, one.start);
    } catch (error) {
      log.warn('That an attempt was cancelled could not be written down; it is tried again.', { attemptId, error });
    }
  }

  async function look(one: HeldAttempt): Promise<void> {
    const { attemptId, cancelFile } = one.place;
    if (one.isEnding || !one.isLaunched) return;
    if (one.isCancelled && !existsSync(cancelFile)) askForEnd(one);
    const start = one.start ?? (await readStart(one.place));
    if (start === null) return;
    lives.started(attemptId, start);
    // Asked before its last word is looked for: it may be written in between.
    const isGone = !isSupervisorAlive(attemptId, start);
    if (!isGone && !watchers.has(attemptId)) return;
    const facts = await readEnd(one.place);
    if (facts !== null) await lives.ended(attemptId, facts);
    else if (isGone && !one.isEnding) {
      one.isEnding = true;
      await vanished(one, start);
    }
  }

  const lives: Lives = {
    async begin(one) {
      if (one.isLaunched) await lives.check(one);
      if (one.order === null || one.isEnding || one.start !== null) return;
      const launch = await prepare(one.order, one.place, options.surroundings);
      if (one.isEnding || one.start !== null) return;
      if (launch.ok && !one.isCancelled) {
        one.isLaunched = true;
        nursery.launch(launch.value);
        return;
      }
      one.isEnding = true;
      const how = one.isCancelled ? shortEnd('cancelled') : shortEnd('not-started', { message: messageOf(launch) });
      finishNow(one, how, null);
    },
    started(attemptId, facts) {
      const one = held.get(attemptId);
      if (one === undefined || one.isEnding || one.start !== null) return;
      run(one, facts);
      options.onReport(one.report);
      options.onStart(one);
    },
    async ended(attemptId, facts) {
      const one = held.get(attemptId);
      if (one === undefined || one.isEnding) return;
      one.isEnding = true;
      await end(one, facts);
    },
    adopt(one, start) {
      run(one, start);
      try {
        const watcher = watch(one.place.folder, (_, name) => {
          if (name?.startsWith('output.') !== true) void lives.check(one);
        });
        watcher.on('error', () => watcher.close());
        watchers.set(one.place.attemptId, watcher);
      } catch {
        // The rounds find its end too, up to a second later.
        watchers.set(one.place.attemptId, null);
      }
    },
    async check(one) {
      try {
        await look(one);
      } catch (error) {
        log.warn('The files of an attempt cannot be read now.', { attemptId: one.place.attemptId, error });
      }
    },
    cancel(one) {
      if (one.isEnding || one.isCancelled) return;
      one.isCancelled = true;
      askForEnd(one);
    },
    dispose() {
      isDisposed = true;
      for (const attemptId of [...watchers.keys()]) unwatch(attemptId);
    },
  };
  return lives;
}

const NOTHING_FETCHED = { files: [], left: [] };
const NOTHING_WRITTEN = { bytes: 0, droppedBytes: 0 };

function messageOf(launch: Awaited<ReturnType<typeof prepare>>): string | null {
  return launch.ok ? null : launch.error.message;
}
