/** A lab on a virtual clock: workers of some cores, tasks that take as long as they say, through the real book. */
import type { WorkerId } from '../../../src/core/fleet/worker.ts';
import { createPredictor } from '../../../src/core/scheduling/predict.ts';
import { predictionKeysOf, workerClassOf } from '../../../src/core/scheduling/predict-keys.ts';
import { createTaskBook } from '../../../src/core/tasks/book.ts';
import type { AttemptId, RunId, TaskId, TaskSpec } from '../../../src/core/tasks/task.ts';
import { firstFit } from '../../support/first-fit.ts';
import { aCandidate, anEnd, aReport, aRun, aTask, someNeeds, taskIdOf } from '../../support/tasks.ts';
import { NO_RECORDS } from './lab.ts';

export interface VirtualJob {
  readonly arrivesAtS: number;
  readonly runS: number;
  readonly cores: number;
  readonly priority?: number;
}

export interface VirtualStart {
  /** Of the job, from 1. */
  readonly number: number;
  readonly workerId: WorkerId;
  readonly startS: number;
}

/** A promise of the queue to the one that stands first. */
export interface VirtualPromise {
  readonly number: number;
  readonly atS: number;
  readonly startS: number;
}

/** Numbers in a command are not told apart. */
function inLetters(number: number): string {
  return [...String(number)].map((digit) => 'abcdefghij.'[Number(digit)] ?? '.').join('');
}

/** `isForeknown`: what each job takes is known from many runs before. */
export function runVirtualLab(cores: readonly number[], jobs: readonly VirtualJob[], isForeknown: boolean) {
  const workers = cores.map((count, index) =>
    aCandidate(index + 1, { capacity: { cores: count, memoryBytes: null, gpus: [] } }),
  );
  const predictor = createPredictor();
  const specs = jobs.map(({ runS, cores: asked, priority = 50 }): Partial<TaskSpec> => {
    // Who foreknows tells jobs apart by how long they take, to the last key.
    const command = isForeknown ? `takes-${inLetters(runS)}` : `job`;
    return { command: [command], type: command, needs: someNeeds({ cores: asked }), priority };
  });
  if (isForeknown) teach();
  // What is learned on the way may change the order; who foreknows has nothing to learn.
  const book = createTaskBook(NO_RECORDS, isForeknown ? { ...predictor, learn() {} } : predictor);

  function teach(): void {
    for (const [index, { runS }] of jobs.entries()) {
      for (const worker of workers) {
        const keys = predictionKeysOf(aTask(index + 1, specs[index]).spec, workerClassOf(worker));
        const outcome = { durationMs: runS * 1_000, memoryBytes: null, cores: null, gpuMemoryBytes: null };
        for (let run = 0; run < 24; run += 1) predictor.learn(keys, outcome);
      }
    }
  }

  const starts: VirtualStart[] = [];
  const promises: VirtualPromise[] = [];
  const running: { readonly attemptId: AttemptId; readonly workerId: WorkerId; readonly endS: number }[] = [];
  const order = jobs.map((job, index) => ({ ...job, number: index + 1 }));
  let [arrived, ended] = [0, 0];
  order.sort((one, other) => one.arrivesAtS - other.arrivesAtS || one.number - other.number);

  function endAt(nowS: number): void {
    for (let place = running.length - 1; place >= 0; place -= 1) {
      const one = running[place];
      if (one?.endS !== nowS) continue;
      running.splice(place, 1);
      ended += 1;
      const startedAtMs = book.attempt(one.attemptId)?.startedAtMs ?? 0;
      const { attemptId, workerId } = one;
      const report = aReport({ attemptId, version: 2, startedAtMs, endedAtMs: nowS * 1_000, end: anEnd() });
      book.apply({ kind: 'reported', workerId, report }, nowS * 1_000);
    }
  }

  function submit(number: number, nowS: number): void {
    const runId = `r${String(number).padStart(9, '0')}` as RunId;
    const task = aTask(number, specs[number - 1], { runId, submittedAtMs: nowS * 1_000 });
    book.apply({ kind: 'submitted', run: aRun({ runId, submittedAtMs: nowS * 1_000 }), tasks: [task] }, nowS * 1_000);
  }

  function schedule(nowS: number): void {
    const { effects } = book.schedule(firstFit, workers, nowS * 1_000);
    for (const { workerId, attemptId } of effects) {
      const number = Number(attemptId.slice(1).split('.')[0]);
      starts.push({ number, workerId, startS: nowS });
      running.push({ attemptId, workerId, endS: nowS + (jobs[number - 1]?.runS ?? 0) });
      const report = aReport({ attemptId, version: 1, state: 'running', startedAtMs: nowS * 1_000, end: null });
      book.apply({ kind: 'reported', workerId, report }, nowS * 1_000);
    }
    const outlook = book.outlook(nowS * 1_000);
    for (const { number } of order.slice(0, arrived)) {
      const expected = outlook.of(taskIdOf(number) as TaskId);
      if (expected === null || expected.place !== 1 || expected.keptOn === null || expected.startsAtMs === null)
        continue;
      promises.push({ number, atS: nowS, startS: expected.startsAtMs / 1_000 });
    }
  }

  while (ended < jobs.length) {
    const nextEnd = Math.min(...running.map(({ endS }) => endS));
    const nowS = Math.min(nextEnd, order[arrived]?.arrivesAtS ?? Number.POSITIVE_INFINITY);
    if (nowS === Number.POSITIVE_INFINITY) throw new Error(`${jobs.length - ended} jobs never began`);
    endAt(nowS);
    for (let job = order[arrived]; job?.arrivesAtS === nowS; job = order[arrived]) {
      arrived += 1;
      submit(job.number, nowS);
    }
    schedule(nowS);
  }
  return { starts, promises, book };
}
