/** What the book expects of its tasks: how long they take, when attempts end; and what those that ended teach. */
import type { WorkerId } from '../fleet/worker.ts';
import type { Prediction, Predictor } from '../scheduling/predict.ts';
import type { Outcome } from '../scheduling/predict-history.ts';
import { type PredictionKey, predictionKeysOf, shapeKeysOf, type WorkerClass } from '../scheduling/predict-keys.ts';
import { leadMs } from '../scheduling/queue-order.ts';
import type { Attempt, AttemptId, Task, TaskSpec } from './task.ts';

/** Share of attempts that end before they are expected to: backfill counts on it, people are told the middle. */
const SURE_LEVEL = 0.9;
const LIKELY_LEVEL = 0.5;
/** An attempt of which nothing is known lasts as long again as it has, this at least. */
const UNKNOWN_MS = 10 * 60_000;
/** When an end is expected is looked at anew after this share of what was left until then. */
const FRESH_SHARE = 0.1;

export interface Expectations {
  /** The hardware of a worker; its own attempts are kept apart by it. */
  setClass(workerId: WorkerId, workerClass: WorkerClass | null): void;
  /** By how much the line of this task is put before others. */
  leadMs(spec: TaskSpec): number;
  /** Of a task that waits (worker null), or runs there. */
  durationOf(spec: TaskSpec, workerId: WorkerId | null): Prediction | null;
  /** Until it surely has ended, were it to begin now. */
  sureMs(spec: TaskSpec, workerId: WorkerId): number;
  /** When an attempt surely has ended; later and later for one that outlives what was expected. */
  sureEndMs(attempt: Attempt, spec: TaskSpec, nowMs: number): number;
  /** The middle of when it may end; null: nothing is known. */
  likelyEndMs(attempt: Attempt, spec: TaskSpec, nowMs: number): number | null;
  /** What the memory of the task stays below with a probability of 95 %; null: nothing like it was measured. */
  memoryBytes(spec: TaskSpec): number | null;
  /** How many attempts have taught something. */
  learned(): number;
  /** The attempt was placed: what is expected of it now is compared with what comes. */
  placed(attempt: Attempt, spec: TaskSpec): void;
  /** The attempt is over. Only one that succeeded teaches anything. */
  ended(attempt: Attempt, task: Task): void;
}

export function createExpectations(predictor: Predictor): Expectations {
  const classes = new Map<WorkerId, WorkerClass | null>();
  const sureEnds = new Map<AttemptId, { readonly endMs: number; readonly sinceMs: number; readonly untilMs: number }>();
  const told = new Map<AttemptId, Prediction | null>();
  // Above 0 from the start: there may be something from before.
  let learned = 1;

  const keysAt = (spec: TaskSpec, workerId: WorkerId | null): readonly PredictionKey[] =>
    predictionKeysOf(spec, workerId === null ? null : (classes.get(workerId) ?? null));

  const bounded = (durationMs: number, { timeoutMs }: TaskSpec) => Math.min(durationMs, timeoutMs ?? durationMs);

  function durationOf(spec: TaskSpec, workerId: WorkerId | null): Prediction | null {
    const prediction = predictor.predict(keysAt(spec, workerId), 'durationMs');
    if (prediction === null || spec.timeoutMs === null) return prediction;
    const { p5, p50, p90, p95 } = prediction;
    const [least, middle] = [bounded(p5, spec), bounded(p50, spec)];
    return { ...prediction, p5: least, p50: middle, p90: bounded(p90, spec), p95: bounded(p95, spec) };
  }

  function afterMs(spec: TaskSpec, workerId: WorkerId, elapsedMs: number, level: number): number | null {
    const expectedMs = predictor.durationAfter(keysAt(spec, workerId), elapsedMs, level);
    return expectedMs === null ? spec.timeoutMs : bounded(expectedMs, spec);
  }

  const sureAfterMs = (spec: TaskSpec, workerId: WorkerId, elapsedMs: number) =>
    afterMs(spec, workerId, elapsedMs, SURE_LEVEL) ?? Math.max(UNKNOWN_MS, 2 * elapsedMs);

  return {
    setClass(workerId, workerClass) {
      classes.set(workerId, workerClass);
    },
    leadMs: (spec) => leadMs(predictor.orderingMs(shapeKeysOf(spec)), spec.needs.cores),
    durationOf,
    sureMs: (spec, workerId) => sureAfterMs(spec, workerId, 0),
    sureEndMs({ attemptId, workerId, startedAtMs, placedAtMs }, spec, nowMs) {
      const sinceMs = startedAtMs ?? placedAtMs;
      const known = sureEnds.get(attemptId);
      if (known !== undefined && known.sinceMs === sinceMs && nowMs < known.untilMs) return known.endMs;
      const endMs = sinceMs + sureAfterMs(spec, workerId, Math.max(0, nowMs - sinceMs));
      // One past its time limit ends any moment.
      const sureMs = Math.max(endMs, nowMs + 1);
      sureEnds.set(attemptId, { endMs: sureMs, sinceMs, untilMs: nowMs + (sureMs - nowMs) * FRESH_SHARE });
      return sureMs;
    },
    likelyEndMs({ workerId, startedAtMs, placedAtMs }, spec, nowMs) {
      const sinceMs = startedAtMs ?? placedAtMs;
      const leftMs = afterMs(spec, workerId, Math.max(0, nowMs - sinceMs), LIKELY_LEVEL);
      return leftMs === null ? null : Math.max(nowMs, sinceMs + leftMs);
    },
    memoryBytes(spec) {
      const prediction = predictor.predict(keysAt(spec, null), 'memoryBytes');
      // What all the others used says nothing of a command that was never seen.
      return prediction === null || prediction.basis === 'everything' ? null : prediction.p95;
    },
    learned: () => learned,
    placed({ attemptId, workerId }, spec) {
      told.set(attemptId, durationOf(spec, workerId));
    },
    ended(attempt, { spec }) {
      const before = told.get(attempt.attemptId);
      told.delete(attempt.attemptId);
      sureEnds.delete(attempt.attemptId);
      if (attempt.state !== 'succeeded') return;
      learned += 1;
      predictor.learn(keysAt(spec, attempt.workerId), outcomeOf(attempt), before);
    },
  };
}

/** What an attempt that succeeded took. */
export function outcomeOf({
  usage,
  startedAtMs,
  endedAtMs,
}: Pick<Attempt, 'usage' | 'startedAtMs' | 'endedAtMs'>): Outcome {
  const spanMs = startedAtMs === null || endedAtMs === null ? null : Math.max(0, endedAtMs - startedAtMs);
  return {
    durationMs: usage?.wallMs ?? spanMs,
    memoryBytes: usage?.memoryPeakBytes ?? null,
    cores: usage?.coresMean ?? null,
    gpuMemoryBytes: usage?.gpuMemoryPeakBytes ?? null,
  };
}
