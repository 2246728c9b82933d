/**
 * A recorded workload through the task book on a virtual clock: one worker with so many cores, each job a task. The book
 * decides and learns as it does in a lab: a job's run time is known to nobody before its end.
 */
import { type WorkerId, workerId } from '../fleet/worker.ts';
import { createPredictor, type Predictor } from '../scheduling/predict.ts';
import type { ProfileName } from '../scheduling/profiles.ts';
import type { AttemptEnd } from '../tasks/attempt.ts';
import { createTaskBook } from '../tasks/book.ts';
import type { TaskChange } from '../tasks/stimulus.ts';
import type { AttemptId, Run, RunId, Task, TaskId, TaskSpec } from '../tasks/task.ts';
import { imaginedPlace, imaginedSpec, imaginedWorker, NO_NEEDS } from './imagined.ts';
import type { TraceJob } from './swf-trace.ts';

export interface TraceEvent {
  readonly job: number;
  readonly startS: number;
  readonly endS: number;
}

export interface TraceRun {
  /** In the order of their starts. */
  readonly events: readonly TraceEvent[];
  /** What it knows in the end, with how well it foretold. */
  readonly predictor: Predictor;
}

const WORKER: WorkerId = workerId('simulated');
/** Runs that are over are let go of after so many ends. */
const EVICT_AFTER = 256;

interface Running {
  readonly attemptId: AttemptId;
  readonly endS: number;
}

/** `jobs` by arrival. `onProgress`: how many have ended, now and then. */
export function runTrace(
  jobs: readonly TraceJob[],
  processors: number,
  profile: ProfileName,
  onProgress: (ended: number) => void = () => {},
): TraceRun {
  const predictor = createPredictor();
  const book = createTaskBook({ runs: [], tasks: [], attempts: [] }, predictor);
  let nowS = 0;
  const place = imaginedPlace(profile, () => nowS * 1_000);
  const offers = [imaginedWorker(WORKER, { cores: processors, memoryBytes: null, gpus: [] })];
  const events: TraceEvent[] = [];
  const jobOf = new Map<TaskId, TraceJob>();
  /** By end; the next one last. */
  const running: Running[] = [];
  let [arrived, ended] = [0, 0];

  function report(attemptId: AttemptId, startedAtS: number, endS: number | null): void {
    const change = book.apply(
      {
        kind: 'reported',
        workerId: WORKER,
        report: {
          attemptId,
          version: endS === null ? 1 : 2,
          state: endS === null ? 'running' : 'ended',
          startedAtMs: startedAtS * 1_000,
          endedAtMs: endS === null ? null : endS * 1_000,
          end: endS === null ? null : WELL_ENDED,
          usage: null,
        },
      },
      (endS ?? startedAtS) * 1_000,
    );
    for (const effect of change.effects) if (effect.kind === 'collect') book.collected(effect.attemptId);
  }

  function start({ effects, changed }: TaskChange, nowS: number): void {
    const taskOf = new Map(changed.attempts.map(({ attemptId, taskId }) => [attemptId, taskId]));
    for (const { kind, attemptId } of effects) {
      const job = jobOf.get(taskOf.get(attemptId) as TaskId);
      if (kind !== 'start' || job === undefined) throw new Error(`Nothing but a start follows a round: ${attemptId}`);
      events.push({ job: job.job, startS: nowS, endS: nowS + job.runS });
      report(attemptId, nowS, null);
      insert(running, { attemptId, endS: nowS + job.runS });
    }
  }

  function end({ attemptId, endS }: Running): void {
    const startedAtMs = book.attempt(attemptId)?.startedAtMs ?? 0;
    report(attemptId, startedAtMs / 1_000, endS);
    ended += 1;
    if (ended % EVICT_AFTER !== 0) return;
    book.evict();
    onProgress(ended);
  }

  while (ended < jobs.length) {
    nowS = Math.min(
      running.at(-1)?.endS ?? Number.POSITIVE_INFINITY,
      jobs[arrived]?.arrivesAtS ?? Number.POSITIVE_INFINITY,
    );
    if (nowS === Number.POSITIVE_INFINITY) throw new Error(`${jobs.length - ended} jobs never began`);
    while (running.at(-1)?.endS === nowS) end(running.pop() as Running);
    for (let job = jobs[arrived]; job?.arrivesAtS === nowS; job = jobs[arrived]) {
      arrived += 1;
      const { run, task } = recordsOf(job, arrived);
      jobOf.set(task.taskId, job);
      book.apply({ kind: 'submitted', run, tasks: [task] }, nowS * 1_000);
    }
    start(book.schedule(place, offers, nowS * 1_000), nowS);
  }
  return { events, predictor };
}

/** Behind those that end later or at the same moment. */
function insert(running: Running[], one: Running): void {
  let place = running.length;
  while (place > 0 && (running[place - 1] as Running).endS < one.endS) place -= 1;
  running.splice(place, 0, one);
}

/** What a plan would say: who runs what, on how many cores. Nothing of how long. */
function specOf({ job, user, application, processors }: TraceJob): TaskSpec {
  return imaginedSpec({
    name: `job-${job}`,
    command: [`user-${user}-application-${application}`],
    needs: { ...NO_NEEDS, cores: processors },
    type: `user-${user}`,
  });
}

function recordsOf(job: TraceJob, sequence: number): { readonly run: Run; readonly task: Task } {
  const submittedAtMs = job.arrivesAtS * 1_000;
  const runId = `r${sequence}` as RunId;
  const spec = specOf(job);
  const run: Run = { runId, name: spec.name, maxParallel: null, onFailure: 'continue', submittedAtMs };
  const task: Task = {
    taskId: `t${sequence}` as TaskId,
    runId,
    sequence,
    spec,
    files: [],
    state: 'queued',
    reason: null,
    message: null,
    retriesLeft: 0,
    submittedAtMs,
    startedAtMs: null,
    endedAtMs: null,
  };
  return { run, task };
}

const WELL_ENDED: AttemptEnd = {
  how: 'exited',
  exitCode: 0,
  signal: null,
  message: null,
  orphansEnded: 0,
  outputBytes: 0,
  outputDroppedBytes: 0,
  files: [],
  filesLeft: [],
};
