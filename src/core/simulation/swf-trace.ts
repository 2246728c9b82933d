/**
 * Jobs of a recorded machine in the Standard Workload Format (Chapin et al., JSSPP 1999): a line a job, of which this reads
 * number, submission, run time, processors, user and executable.
 */
import { fail, ok, type Result } from '../result.ts';

export interface TraceJob {
  readonly job: number;
  /** Simulated, from the first submission on. */
  readonly arrivesAtS: number;
  readonly runS: number;
  readonly processors: number;
  readonly user: number;
  /** Number of the executable; -1: not recorded. */
  readonly application: number;
}

interface RecordedJob extends Omit<TraceJob, 'arrivesAtS'> {
  readonly submittedAtS: number;
}

/**
 * Those jobs that ran and used processors, in the order of the trace. Arrivals are drawn together until what is asked for is
 * `load` of `processors` over the span of the submissions. `invalid-argument` where that cannot be.
 */
export function parseTrace(text: string, processors: number, load: number): Result<readonly TraceJob[]> {
  const recorded = text.split('\n').flatMap(jobIn);
  const [first, last] = [recorded[0], recorded.at(-1)];
  if (first === undefined || last === undefined || last.submittedAtS <= first.submittedAtS) {
    return fail('invalid-argument', 'The trace holds no two jobs that ran, submitted one after the other.');
  }
  const tooLarge = recorded.find((job) => job.processors > processors);
  if (tooLarge !== undefined) {
    const { job, processors: asked } = tooLarge;
    return fail('invalid-argument', `Job ${job} asks for ${asked} processors; give --processors at least so many.`);
  }
  const workS = recorded.reduce((sum, job) => sum + job.runS * job.processors, 0);
  const factor = workS / (processors * (last.submittedAtS - first.submittedAtS)) / load;
  const jobs = recorded.map(({ submittedAtS, ...job }): TraceJob => {
    return { ...job, arrivesAtS: Math.round((submittedAtS - first.submittedAtS) * factor) };
  });
  return ok(jobs.sort((one, other) => one.arrivesAtS - other.arrivesAtS));
}

function jobIn(line: string): readonly RecordedJob[] {
  if (line.trim() === '' || line.startsWith(';')) return [];
  const fields = line.trim().split(/\s+/).map(Number);
  const [job = 0, submittedAtS = 0, , runS = 0, processors = 0] = fields;
  const isWhole = [job, submittedAtS, runS, processors].every(Number.isFinite);
  if (!isWhole || runS <= 0 || processors <= 0) return [];
  return [{ job, submittedAtS, runS, processors, user: fields[11] ?? -1, application: fields[13] ?? -1 }];
}
