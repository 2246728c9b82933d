/** From the text of a plan to records: checked, its files taken, every task with an id and its place in the order. */
import { fail, ok, type Result } from '../../core/result.ts';
import type { OrderedFile } from '../../core/tasks/attempt.ts';
import type { Run, RunId, RunSpec, Task, TaskId, TaskSpec } from '../../core/tasks/task.ts';
import { parsePlan } from '../../shared/plan/parse-plan.ts';
import type { TaskFiles } from '../ports.ts';

export interface Submission {
  readonly run: Run;
  readonly tasks: readonly Task[];
}

export interface SubmittingOptions {
  readonly files: Pick<TaskFiles, 'take'>;
  readonly random: (bytes: number) => Uint8Array;
  /** Rises with each call. */
  readonly nextSequence: () => number;
  readonly nowMs: () => number;
}

/** `invalid-argument` for a wrong plan; else why a file could not be taken. Nothing is stored yet. */
export async function prepareSubmission(
  planText: string,
  folder: string | null,
  options: SubmittingOptions,
): Promise<Result<Submission>> {
  const plan = parsePlan(planText);
  if (!plan.ok) return plan;
  const taken: (readonly OrderedFile[])[] = [];
  for (const spec of plan.value.tasks) {
    const files = await takeFiles(spec, folder, options.files);
    if (!files.ok) return files;
    taken.push(files.value);
  }
  return ok(recordsOf(plan.value, taken, options));
}

async function takeFiles(
  { name, bring, fileLimitBytes }: TaskSpec,
  folder: string | null,
  files: Pick<TaskFiles, 'take'>,
): Promise<Result<readonly OrderedFile[]>> {
  if (bring.length === 0) return ok([]);
  if (folder === null)
    return fail('invalid-argument', `Task “${name}” brings files: submit its plan as a file beside them.`);
  const taken = await files.take(folder, bring, fileLimitBytes);
  return taken.ok ? taken : fail(taken.error.code, `Task “${name}”: ${taken.error.message}`);
}

function recordsOf(
  { name, maxParallel, onFailure, tasks }: RunSpec,
  taken: readonly (readonly OrderedFile[])[],
  { random, nextSequence, nowMs }: SubmittingOptions,
): Submission {
  const submittedAtMs = Math.round(nowMs());
  const run: Run = { runId: newId(random) as RunId, name, maxParallel, onFailure, submittedAtMs };
  return {
    run,
    tasks: tasks.map((spec, place) => ({
      taskId: newId(random) as TaskId,
      runId: run.runId,
      sequence: nextSequence(),
      spec,
      files: taken[place] ?? [],
      state: spec.after.length === 0 ? 'queued' : 'blocked',
      reason: null,
      message: null,
      retriesLeft: spec.retries,
      submittedAtMs,
      startedAtMs: null,
      endedAtMs: null,
    })),
  };
}

/** Crockford's base 32, small: no i, l, o, u. */
const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';
const ID_LENGTH = 10;

function newId(random: (bytes: number) => Uint8Array): string {
  return Array.from(random(ID_LENGTH), (byte) => DIGITS[byte % DIGITS.length]).join('');
}
