/** One task of the fake lab, with its attempts, usage and output. */
import type { WorkerId } from '../../../src/core/fleet/worker.ts';
import type { AttemptPulse, AttemptUsage } from '../../../src/core/tasks/attempt.ts';
import {
  type Attempt,
  type AttemptState,
  attemptIdOf,
  type FailureReason,
  isTaskOver,
  type RunId,
  type TaskId,
  type TaskSpec,
  type TaskState,
} from '../../../src/core/tasks/task.ts';
import type { TaskCounts, TaskDetail, TaskView } from '../../../src/core/tasks/view.ts';
import { MINUTE_MS, SECOND_MS } from '../../../src/core/time.ts';
import { explanationOf } from './explanation.ts';
import { chance } from './signals.ts';

export const NO_COUNTS: TaskCounts & Record<TaskState, number> = {
  blocked: 0,
  queued: 0,
  placed: 0,
  running: 0,
  succeeded: 0,
  failed: 0,
  cancelled: 0,
  parked: 0,
};

/** Older tasks of a long list wrote little. */
const LONG_OUTPUT_AGE = 500;
const KINDS = ['train/vit-b', 'pytest/unit', 'eval/squad', 'ingest/shard-8', 'lint/all', 'build/wheel', 'hil/can-fuzz'];
const RUNS = ['nightly', 'weekly', 'release-4.2', 'adhoc'];
const HOSTILE_NAMES = [
  '<img src=x onerror="window.wasRun=true"><script>window.wasRun=true</script>',
  'اختبار الوحدات שלום',
  'turn\u202eback',
  '🚀 emoji 👩‍💻 task 🧪',
  'a-very-long-name-'.repeat(12).slice(0, 200),
];

export interface FakeTask {
  readonly taskId: TaskId;
  readonly runId: RunId;
  readonly runName: string;
  readonly sequence: number;
  readonly name: string;
  readonly type: string | null;
  readonly command: readonly string[];
  state: TaskState;
  reason: FailureReason | null;
  message: string | null;
  waitsFor: string | null;
  workerId: WorkerId | null;
  attemptCount: number;
  readonly submittedAtMs: number;
  startedAtMs: number | null;
  endedAtMs: number | null;
  usage: AttemptUsage | null;
  output: Uint8Array;
  write(text: string): void;
  end(state: 'cancelled' | 'failed' | 'succeeded', message: string | null, atMs: number): void;
  requeue(): void;
  view(): TaskView;
  detail(): TaskDetail;
  /** Oldest first. */
  attempts(): readonly Attempt[];
}

interface Making {
  readonly index: number;
  readonly runIndex: number;
  /** How many were submitted after it. */
  readonly age: number;
  readonly isHostile: boolean;
  readonly workerIds: readonly WorkerId[];
  readonly nowMs: number;
  readonly submitted?: { readonly name: string; readonly command: readonly string[]; readonly runName: string };
}

const WAITS = 'Waits for a worker: rig-01 and 3 others are full, mac-mini has too little memory.';

export function createFakeTask(making: Making): FakeTask {
  const { index, runIndex, age, isHostile, workerIds, nowMs, submitted } = making;
  const id = (prefix: string, number: number) => `${prefix}${number.toString(32).padStart(9, '0')}`;
  const taskId = id('t', index) as TaskId;
  const kind = KINDS[index % KINDS.length] ?? '';
  const name =
    submitted?.name ??
    (isHostile && index % 3 === 0 ? (HOSTILE_NAMES[index % HOSTILE_NAMES.length] ?? kind) : `${kind}-${index}`);
  const state = submitted === undefined ? stateAt(age) : 'queued';
  const submittedAtMs = nowMs - age * 20 * SECOND_MS;
  const hasBegun = !['blocked', 'queued', 'placed'].includes(state);
  const startedAtMs = hasBegun ? submittedAtMs + 4 * SECOND_MS : null;
  const tookMs = (20 + chance(index, 3) * 600) * SECOND_MS;
  const attemptCount = hasBegun || state === 'placed' ? (index % 11 === 5 ? 2 : 1) : 0;
  const command = submitted?.command ?? ['python', 'train.py', '--name', kind, '--note', "it's here"];
  const runName =
    submitted?.runName ??
    (isHostile && runIndex === 0 ? (HOSTILE_NAMES[0] ?? '') : `${RUNS[runIndex % RUNS.length]}-${runIndex}`);

  const task: FakeTask = {
    taskId,
    runId: id('r', runIndex) as RunId,
    runName,
    sequence: index + 1,
    name,
    type: kind.split('/')[0] ?? null,
    command,
    state,
    reason: state === 'failed' ? 'exit' : null,
    message: messageOf(state),
    waitsFor: state === 'queued' ? WAITS : state === 'blocked' ? 'Waits for build/wheel and lint/all.' : null,
    workerId: attemptCount === 0 ? null : (workerIds[index % workerIds.length] ?? null),
    attemptCount,
    submittedAtMs,
    startedAtMs,
    endedAtMs: isTaskOver(state) && startedAtMs !== null ? Math.min(nowMs, startedAtMs + tookMs) : null,
    usage: hasBegun ? usageOf(index, tookMs / SECOND_MS) : null,
    output: new TextEncoder().encode(hasBegun ? outputOf(index, age > LONG_OUTPUT_AGE) : ''),
    write(text) {
      const more = new TextEncoder().encode(text);
      const joined = new Uint8Array(this.output.length + more.length);
      joined.set(this.output);
      joined.set(more, this.output.length);
      this.output = joined;
    },
    end(next, message, atMs) {
      this.state = next;
      this.waitsFor = null;
      this.message = message;
      this.endedAtMs = atMs;
    },
    requeue() {
      this.state = 'queued';
      this.reason = null;
      this.message = null;
      this.waitsFor = WAITS;
      this.endedAtMs = null;
    },
    view() {
      const { sequence, type, reason, message, waitsFor, workerId, usage } = this;
      return {
        taskId,
        runId: this.runId,
        runName,
        sequence,
        name,
        type,
        priority: 50,
        state: this.state,
        reason,
        message,
        waitsFor,
        outlook: null,
        workerId,
        attemptCount: this.attemptCount,
        submittedAtMs,
        startedAtMs: this.startedAtMs,
        endedAtMs: this.endedAtMs,
        usage,
        outputBytes: this.output.length,
      };
    },
    detail(): TaskDetail {
      const view = this.view();
      const { state, reason, message, sequence } = this;
      const spec = specOf(name, command, kind);
      return {
        view,
        run: { runId: this.runId, name: runName, maxParallel: null, onFailure: 'continue' as const, submittedAtMs },
        task: {
          taskId,
          runId: this.runId,
          sequence,
          spec,
          state,
          reason,
          message,
          retriesLeft: 1,
          files: [],
          submittedAtMs,
          startedAtMs: this.startedAtMs,
          endedAtMs: this.endedAtMs,
        },
        attempts: this.attempts(),
      };
    },
    attempts() {
      return Array.from({ length: this.attemptCount }, (_, place) =>
        attemptOf(this, place + 1, workerIds[(index + place) % workerIds.length] as WorkerId),
      );
    },
  };
  return task;
}

/** The newest wait and run; older ones are over, in every way. */
function stateAt(age: number): TaskState {
  if (age <= 3) return 'queued';
  if (age === 4) return 'blocked';
  if (age === 5) return 'placed';
  if (age <= 17) return 'running';
  if (age === 18) return 'parked';
  if (age % 9 === 0) return 'failed';
  return age % 13 === 0 ? 'cancelled' : 'succeeded';
}

function messageOf(state: TaskState): string | null {
  if (state === 'failed') return 'Exit 1 after 3 min.';
  return state === 'parked'
    ? 'Lost on rig-01, rig-02 and epyc-a, one after the other. Look there before it goes on.'
    : null;
}

export function usageOf(seed: number, wallSeconds: number): AttemptUsage {
  const cores = 0.5 + chance(seed, 7) * 7;
  const memory = (0.2 + chance(seed, 8) * 14) * 2 ** 30;
  return {
    basis: seed % 2 === 0 ? 'cgroup' : 'process-tree',
    wallMs: wallSeconds * SECOND_MS,
    cpuSeconds: cores * wallSeconds,
    coresPeak: cores * 1.3,
    coresMean: cores,
    memoryPeakBytes: memory,
    memoryMeanBytes: memory * 0.8,
    diskReadBytes: seed % 3 === 0 ? null : 24.8e9,
    diskWriteBytes: 0,
    networkReceivedBytes: null,
    networkSentBytes: null,
    gpuUtilizationPeak: seed % 4 === 0 ? 0.98 : null,
    gpuUtilizationMean: seed % 4 === 0 ? 0.88 : null,
    gpuMemoryPeakBytes: seed % 4 === 0 ? 19.1 * 2 ** 30 : null,
    gpuMemoryMeanBytes: null,
    energyJoules: null,
    processesPeak: 14,
  };
}

export function pulseOf(task: FakeTask): AttemptPulse {
  return {
    attemptId: attemptIdOf(task.taskId, task.attemptCount),
    cores: 3.2,
    memoryBytes: 1.5 * 2 ** 30,
    gpuMemoryBytes: null,
    usage: task.usage as AttemptUsage,
    outputBytes: task.output.length,
  };
}

function outputOf(index: number, isShort: boolean): string {
  const lines = Array.from(
    { length: isShort ? 3 : index % 5 === 0 ? 3_000 : 30 },
    (_, line) => `epoch ${Math.floor(line / 100)}/10 step ${line} loss ${(0.9 / (line + 1)).toFixed(4)} lr 2.7e-4`,
  );
  return `\u001b[1;32mstart\u001b[0m <b>not bold</b> \u0007 \u202eturned\n${lines.join('\n')}\n10 %\r50 %\r100 %\n`;
}

function specOf(name: string, command: readonly string[], kind: string): TaskSpec {
  return {
    name,
    command,
    isShell: false,
    cwd: '/srv/app',
    env: { CUDA_VISIBLE_DEVICES: '0', MODE: 'a b' },
    stdin: null,
    bring: [{ from: './data.bin', to: 'data.bin' }],
    fetch: ['out/*.json'],
    fileLimitBytes: 256 * 2 ** 20,
    needs: {
      cores: 2,
      memoryBytes: 2 * 2 ** 30,
      gpus: 1,
      gpuMemoryBytes: 8 * 2 ** 30,
      gpuModel: '4090',
      capabilities: ['gpu.compute>=8.6'],
      labels: { rack: 'b' },
    },
    type: kind.split('/')[0] ?? null,
    priority: 50,
    timeoutMs: 10 * MINUTE_MS,
    retries: 2,
    after: [],
    affinityKey: null,
    group: null,
    groupLimit: null,
    isPreemptible: false,
    isRerunIfLost: true,
  };
}

const ATTEMPT_STATES: Readonly<Record<TaskState, AttemptState>> = {
  blocked: 'placed',
  queued: 'lost',
  placed: 'placed',
  running: 'running',
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'cancelled',
  parked: 'lost',
};

/** An earlier attempt took 15 s each time. */
const EARLIER_MS = 15 * SECOND_MS;

function attemptOf(task: FakeTask, number: number, workerId: WorkerId): Attempt {
  const isNewest = number === task.attemptCount;
  const state = isNewest ? ATTEMPT_STATES[task.state] : 'timed-out';
  const isOver = !['placed', 'running'].includes(state);
  const begunMs = task.startedAtMs ?? task.submittedAtMs + 4 * SECOND_MS;
  const startedAtMs = begunMs + (number - 1) * EARLIER_MS;
  const endedAtMs = isNewest ? Math.max(startedAtMs, task.endedAtMs ?? startedAtMs) : startedAtMs + EARLIER_MS;
  return {
    attemptId: attemptIdOf(task.taskId, number),
    taskId: task.taskId,
    number,
    workerId: isNewest ? (task.workerId ?? workerId) : workerId,
    state,
    promised: { cores: 2, memoryBytes: 2 * 2 ** 30, gpus: [{ index: 0, share: 1 }], gpuMemoryBytes: 8 * 2 ** 30 },
    placement: 'The first by name that fits: 30 of 32 cores and 98 GiB were free; GPU 0 was free.',
    explanation: task.sequence % 5 === 0 ? null : explanationOf(task.sequence, workerId, startedAtMs - 2 * SECOND_MS),
    placedAtMs: startedAtMs - 2 * SECOND_MS,
    startedAtMs: state === 'placed' ? null : startedAtMs,
    endedAtMs: isOver ? endedAtMs : null,
    isCancelRequested: false,
    end: isOver
      ? {
          how: 'exited',
          exitCode: state === 'failed' ? 1 : 0,
          signal: null,
          message: null,
          orphansEnded: number,
          outputBytes: task.output.length,
          outputDroppedBytes: 0,
          files: state === 'succeeded' ? [{ path: 'out/result.json', bytes: 12_345, sha256: 'ab'.repeat(32) }] : [],
          filesLeft: state === 'failed' ? ['out/model.bin was not fetched: it is larger than 256 MiB.'] : [],
        }
      : null,
    usage: isNewest ? task.usage : null,
  };
}
