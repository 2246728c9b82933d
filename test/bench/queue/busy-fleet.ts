/** A fleet that is full, and a long queue: what a round of placement costs, in CPU time of this process. */
import { createPredictor } from '../../../src/core/scheduling/predict.ts';
import { predictionKeysOf } from '../../../src/core/scheduling/predict-keys.ts';
import { imaginedPlace } from '../../../src/core/simulation/imagined.ts';
import { createTaskBook, type TaskBook } from '../../../src/core/tasks/book.ts';
import type { TaskEffect } from '../../../src/core/tasks/stimulus.ts';
import type { TaskSpec } from '../../../src/core/tasks/task.ts';
import { aCandidate, anEnd, aReport, aRun, aTask, GIB, SUBMITTED_MS, someNeeds } from '../../support/tasks.ts';

const WORKERS = 1_000;
/** About 3,500 of them fill the fleet. */
const TASKS = 13_500;
const SHAPES = 50;
const ROUNDS = 30;
/** Attempts that end between two rounds. */
const ENDS = 100;
const BETWEEN_ROUNDS_MS = 100;

export interface BusyFleetFigures {
  /** Of the first round, which fills the fleet. */
  readonly placedPerSecond: number;
  /** Of rounds on the full fleet: lines of the queue that were decided about, also without asking for a place. */
  readonly decisionsPerSecond: number;
  readonly roundMs: number;
  /** Of the tasks on a page of a hundred. */
  readonly outlookMs: number;
}

export function measureBusyFleet(): BusyFleetFigures {
  const predictor = createPredictor();
  const learnt = { memoryBytes: null, cores: null, gpuMemoryBytes: null };
  for (let shape = 0; shape < SHAPES; shape += 1) {
    const keys = predictionKeysOf(aTask(1, specOf(shape)).spec, null);
    for (let run = 0; run < 5; run += 1) predictor.learn(keys, { ...learnt, durationMs: 1_000 * (shape + 1) });
  }
  const book = createTaskBook({ runs: [], tasks: [], attempts: [] }, predictor);
  const offers = Array.from({ length: WORKERS }, (_, index) =>
    aCandidate(index + 1, { capacity: { cores: 8, memoryBytes: 64 * GIB, gpus: [] } }),
  );
  const tasks = Array.from({ length: TASKS }, (_, index) => aTask(index + 1, specOf(index % SHAPES)));
  book.apply({ kind: 'submitted', run: aRun(), tasks }, SUBMITTED_MS);

  let nowMs = SUBMITTED_MS;
  const place = imaginedPlace('balanced', () => nowMs);
  const schedule = () => timed(() => book.schedule(place, offers, nowMs));
  const first = schedule();
  const running = [...first.value.effects];
  begin(book, running, nowMs);
  let [roundsMs, decisions] = [0, 0];
  for (let round = 0; round < ROUNDS; round += 1) {
    nowMs += BETWEEN_ROUNDS_MS;
    end(book, running.splice(0, ENDS), nowMs);
    const { value, cpuMs } = schedule();
    roundsMs += cpuMs;
    decisions += value.effects.length + SHAPES;
    begin(book, value.effects, nowMs);
    running.push(...value.effects);
  }
  const outlook = timed(() => {
    const seen = book.outlook(nowMs);
    return tasks.slice(-100).map(({ taskId }) => seen.of(taskId));
  });
  return {
    placedPerSecond: first.value.effects.length / (first.cpuMs / 1_000),
    decisionsPerSecond: decisions / (roundsMs / 1_000),
    roundMs: roundsMs / ROUNDS,
    outlookMs: outlook.cpuMs,
  };
}

function specOf(shape: number): Partial<TaskSpec> {
  const needs = someNeeds({ cores: 1 + (shape % 4), memoryBytes: GIB });
  return { command: [`program-${String.fromCharCode(97 + (shape % 26))}${shape}`], needs };
}

function begin(book: TaskBook, effects: readonly TaskEffect[], atMs: number): void {
  for (const { workerId, attemptId } of effects) {
    const report = aReport({ attemptId, state: 'running', startedAtMs: atMs });
    book.apply({ kind: 'reported', workerId, report }, atMs);
  }
}

function end(book: TaskBook, effects: readonly TaskEffect[], atMs: number): void {
  for (const { workerId, attemptId } of effects) {
    const report = aReport({ attemptId, startedAtMs: atMs - 1_000, endedAtMs: atMs, end: anEnd() });
    book.apply({ kind: 'reported', workerId, report }, atMs);
  }
}

function timed<Value>(work: () => Value): { readonly value: Value; readonly cpuMs: number } {
  const before = process.cpuUsage();
  const value = work();
  const { user, system } = process.cpuUsage(before);
  return { value, cpuMs: (user + system) / 1_000 };
}
