/** How long the jobs of a simulated workload waited. */
import type { TraceEvent } from './swf-run.ts';
import type { TraceJob } from './swf-trace.ts';

export interface WaitingFigures {
  readonly jobs: number;
  /** (wait + run) / run, runs of less than 10 s counted as 10 s, at least 1 (Feitelson et al., JSSPP 1997). */
  readonly meanBoundedSlowdown: number;
  readonly p99BoundedSlowdown: number;
  readonly meanWaitSeconds: number;
  readonly longestWaitSeconds: number;
}

const LEAST_RUN_S = 10;

export function waitingFigures(jobs: readonly TraceJob[], events: readonly TraceEvent[]): WaitingFigures {
  const byJob = new Map(jobs.map((job) => [job.job, job]));
  const waits = events.map(({ job, startS }) => startS - (byJob.get(job)?.arrivesAtS ?? startS));
  const slowdowns = events
    .map(({ startS, endS }, place) => {
      const runS = endS - startS;
      return Math.max(1, ((waits[place] as number) + runS) / Math.max(runS, LEAST_RUN_S));
    })
    .sort((one, other) => one - other);
  return {
    jobs: events.length,
    meanBoundedSlowdown: meanOf(slowdowns),
    p99BoundedSlowdown: slowdowns[Math.floor(slowdowns.length * 0.99)] ?? 1,
    meanWaitSeconds: meanOf(waits),
    longestWaitSeconds: waits.reduce((longest, wait) => Math.max(longest, wait), 0),
  };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
