/** Valid tasks, runs, attempts and workers to place them on, each to be changed where a test looks. */
import { workerId } from '../../src/core/fleet/worker.ts';
import type { Candidate } from '../../src/core/scheduling/place.ts';
import type { AttemptEnd, AttemptReport, AttemptUsage } from '../../src/core/tasks/attempt.ts';
import {
  type Attempt,
  attemptIdOf,
  type Promised,
  type Run,
  type RunId,
  type Task,
  type TaskId,
  type TaskNeeds,
  type TaskSpec,
} from '../../src/core/tasks/task.ts';

export const GIB = 2 ** 30;
export const RUN_ID = 'r000000001' as RunId;
export const SUBMITTED_MS = Date.UTC(2026, 0, 1);

export function someNeeds(changes: Partial<TaskNeeds> = {}): TaskNeeds {
  return {
    cores: 1,
    memoryBytes: null,
    gpus: 0,
    gpuMemoryBytes: null,
    gpuModel: null,
    capabilities: [],
    labels: {},
    ...changes,
  };
}

export function aSpec(changes: Partial<TaskSpec> = {}): TaskSpec {
  return {
    name: 'unit',
    command: ['/bin/true'],
    isShell: false,
    cwd: null,
    env: {},
    stdin: null,
    bring: [],
    fetch: [],
    fileLimitBytes: 256 * 2 ** 20,
    needs: someNeeds(),
    type: null,
    priority: 50,
    timeoutMs: null,
    retries: 0,
    after: [],
    affinityKey: null,
    group: null,
    groupLimit: null,
    isPreemptible: false,
    isRerunIfLost: true,
    ...changes,
  };
}

export function aRun(changes: Partial<Run> = {}): Run {
  return {
    runId: RUN_ID,
    name: 'nightly',
    maxParallel: null,
    onFailure: 'continue',
    submittedAtMs: SUBMITTED_MS,
    ...changes,
  };
}

/** Ids by number, as all builders here count them: 1 is `t000000001`. */
export function taskIdOf(number: number): TaskId {
  return `t${String(number).padStart(9, '0')}` as TaskId;
}

/** Task number `sequence` of the run, queued. */
export function aTask(sequence = 1, spec: Partial<TaskSpec> = {}, changes: Partial<Task> = {}): Task {
  const whole = aSpec({ name: `task-${sequence}`, ...spec });
  return {
    taskId: taskIdOf(sequence),
    runId: RUN_ID,
    sequence,
    spec: whole,
    files: [],
    state: whole.after.length === 0 ? 'queued' : 'blocked',
    reason: null,
    message: null,
    retriesLeft: whole.retries,
    submittedAtMs: SUBMITTED_MS,
    startedAtMs: null,
    endedAtMs: null,
    ...changes,
  };
}

export function aPromise(changes: Partial<Promised> = {}): Promised {
  return { cores: 1, memoryBytes: 0, gpus: [], gpuMemoryBytes: 0, ...changes };
}

/** Attempt 1 of task 1 on `w-1`, placed. */
export function anAttempt(changes: Partial<Attempt> = {}): Attempt {
  const taskId = changes.taskId ?? taskIdOf(1);
  const number = changes.number ?? 1;
  return {
    attemptId: attemptIdOf(taskId, number),
    taskId,
    number,
    workerId: workerId('w-1'),
    state: 'placed',
    promised: aPromise(),
    placement: 'rig-1 is the first worker by name that has room.',
    explanation: null,
    placedAtMs: SUBMITTED_MS,
    startedAtMs: null,
    endedAtMs: null,
    isCancelRequested: false,
    end: null,
    usage: null,
    ...changes,
  };
}

export function anEnd(changes: Partial<AttemptEnd> = {}): AttemptEnd {
  return {
    how: 'exited',
    exitCode: 0,
    signal: null,
    message: null,
    orphansEnded: 0,
    outputBytes: 0,
    outputDroppedBytes: 0,
    files: [],
    filesLeft: [],
    ...changes,
  };
}

export function aUsage(changes: Partial<AttemptUsage> = {}): AttemptUsage {
  return {
    basis: 'process-tree',
    wallMs: 1_000,
    cpuSeconds: null,
    coresPeak: null,
    coresMean: null,
    memoryPeakBytes: null,
    memoryMeanBytes: null,
    diskReadBytes: null,
    diskWriteBytes: null,
    networkReceivedBytes: null,
    networkSentBytes: null,
    gpuUtilizationPeak: null,
    gpuUtilizationMean: null,
    gpuMemoryPeakBytes: null,
    gpuMemoryMeanBytes: null,
    energyJoules: null,
    processesPeak: null,
    ...changes,
  };
}

/** A report of attempt 1 of task 1: `accepted` at once, `running` from then on, `ended` with exit 0 a second later. */
export function aReport(changes: Partial<AttemptReport> = {}): AttemptReport {
  const state = changes.state ?? 'ended';
  return {
    attemptId: attemptIdOf(taskIdOf(1), 1),
    version: { accepted: 1, running: 2, ended: 3 }[state],
    state,
    startedAtMs: state === 'accepted' ? null : SUBMITTED_MS + 1_000,
    endedAtMs: state === 'ended' ? SUBMITTED_MS + 2_000 : null,
    end: state === 'ended' ? anEnd() : null,
    usage: null,
    ...changes,
  };
}

/** Worker number `number`, empty: 4 cores, 8 GiB, no GPU; it takes whatever fits. */
export function aCandidate(number = 1, changes: Partial<Candidate> = {}): Candidate {
  return {
    workerId: workerId(`w-${number}`),
    name: `rig-${number}`,
    isReachable: true,
    isFresh: true,
    runsTasks: true,
    admission: 'open',
    capabilities: [],
    labels: {},
    allowedPrograms: null,
    trouble: null,
    critical: null,
    maxParallel: null,
    capacity: { cores: 4, memoryBytes: 8 * GIB, gpus: [] },
    pricePerHour: null,
    promised: [],
    measured: null,
    ...changes,
  };
}
