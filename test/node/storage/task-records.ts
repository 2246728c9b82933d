/** Runs, tasks and attempts with valid defaults. */
import { workerId } from '../../../src/core/fleet/worker.ts';
import type { AttemptEnd } from '../../../src/core/tasks/attempt.ts';
import {
  type Attempt,
  attemptIdOf,
  type Run,
  type RunId,
  type Task,
  type TaskId,
  type TaskRecords,
  type TaskSpec,
} from '../../../src/core/tasks/task.ts';
import { aSpec, aUsage } from '../../support/tasks.ts';

/** When the fixture's clock starts, named here so that a process without a test runner can use this file. */
const START_MS = Date.UTC(2026, 2, 3, 10);

export const RIG = workerId('rig');

/** `task-00007`: ten characters, like real ones. */
export const taskId = (sequence: number): TaskId => `task-${String(sequence).padStart(5, '0')}` as TaskId;
export const runId = (number: number): RunId => `run-${String(number).padStart(6, '0')}` as RunId;

export function aRun(number = 1, change: Partial<Run> = {}): Run {
  return {
    runId: runId(number),
    name: 'nightly',
    maxParallel: null,
    onFailure: 'continue',
    submittedAtMs: START_MS,
    ...change,
  };
}

/** Queued, in run 1. */
export function aTask(sequence: number, change: Partial<Task> = {}, spec: Partial<TaskSpec> = {}): Task {
  return {
    taskId: taskId(sequence),
    runId: runId(1),
    sequence,
    spec: aSpec({ command: ['pytest', '-q'], ...spec }),
    files: [],
    state: 'queued',
    reason: null,
    message: null,
    retriesLeft: 0,
    submittedAtMs: START_MS,
    startedAtMs: null,
    endedAtMs: null,
    ...change,
  };
}

/** A task that was over a second after its submission. */
export function anEndedTask(sequence: number, change: Partial<Task> = {}): Task {
  return aTask(sequence, { state: 'succeeded', startedAtMs: START_MS, endedAtMs: START_MS + 1_000, ...change });
}

/** Running on the rig. */
export function anAttempt(sequence: number, number = 1, change: Partial<Attempt> = {}): Attempt {
  return {
    attemptId: attemptIdOf(taskId(sequence), number),
    taskId: taskId(sequence),
    number,
    workerId: RIG,
    state: 'running',
    promised: { cores: 1, memoryBytes: 2 ** 30, gpus: [{ index: 0, share: 0.5 }], gpuMemoryBytes: 0 },
    placement: 'rig-03 is the first that has room.',
    explanation: null,
    placedAtMs: START_MS + 10,
    startedAtMs: START_MS + 20,
    endedAtMs: null,
    isCancelRequested: false,
    end: null,
    usage: null,
    ...change,
  };
}

export const END: AttemptEnd = {
  how: 'exited',
  exitCode: 0,
  signal: null,
  message: null,
  orphansEnded: 0,
  outputBytes: 4_321,
  outputDroppedBytes: 0,
  files: [{ path: 'out/<b>.png', bytes: 3, sha256: 'ab' }],
  filesLeft: ['big.bin is too large.'],
};

export const USAGE = aUsage({
  basis: 'cgroup',
  wallMs: 900,
  cpuSeconds: 0.5,
  coresPeak: 1,
  coresMean: 0.6,
  memoryPeakBytes: 2 ** 20,
  memoryMeanBytes: 2 ** 19,
  diskWriteBytes: 0,
  processesPeak: 2,
});

export function records(change: Partial<TaskRecords>): TaskRecords {
  return { runs: [], tasks: [], attempts: [], ...change };
}
