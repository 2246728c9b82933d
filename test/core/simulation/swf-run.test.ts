import { describe, expect, test } from 'vitest';
import { coveredShare } from '../../../src/core/scheduling/predict-coverage.ts';
import { runTrace } from '../../../src/core/simulation/swf-run.ts';
import { parseTrace, type TraceJob } from '../../../src/core/simulation/swf-trace.ts';
import { waitingFigures } from '../../../src/core/simulation/waiting-figures.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const PROCESSORS = 64;

/** Users with a few programs each; how long one takes is its own and varies; most are short and small. */
function workload(seed: number, count: number, load: number): readonly TraceJob[] {
  const random = seededRandom(seed);
  const programs = Array.from({ length: 60 }, (_, application) => ({
    user: application % 12,
    application,
    processors: 2 ** Math.floor(7 * random() ** 1.5),
    medianS: 8 * 3_000 ** (random() ** 1.3),
  }));
  let submittedAtS = 0;
  const lines = Array.from({ length: count }, (_, index) => {
    const program = programs[Math.floor(60 * random() ** 2)] as (typeof programs)[number];
    const runS = Math.max(1, Math.round(program.medianS * Math.exp(0.8 * (random() + random() + random() - 1.5))));
    submittedAtS += Math.ceil(120 * random() ** 3);
    const fields = [index + 1, submittedAtS, -1, runS, program.processors, -1, -1, -1, -1, -1, 1, program.user, 1];
    return [...fields, program.application, -1, -1, -1, -1].join(' ');
  });
  const jobs = parseTrace(['; made up', ...lines, ''].join('\n'), PROCESSORS, load);
  if (!jobs.ok) throw new Error(jobs.error.message);
  return jobs.value;
}

describe('a trace', () => {
  test('is read as recorded: jobs that never ran are left out, and arrivals come so close that the load is as asked', () => {
    const lines = ['; Version: 2.2', '1 100 -1 50 4 -1 -1 -1 -1 -1 1 7 1 3', '2 150 -1 0 4', '3 300 -1 100 8'];
    const jobs = parseTrace(lines.join('\n'), 10, 0.5);
    expect(jobs).toEqual({
      ok: true,
      value: [
        { job: 1, arrivesAtS: 0, runS: 50, processors: 4, user: 7, application: 3 },
        { job: 3, arrivesAtS: 200, runS: 100, processors: 8, user: -1, application: -1 },
      ],
    });
  });

  test.each([
    ['', 'no two jobs'],
    ['1 0 -1 5 20\n2 9 -1 5 1', 'Job 1 asks for 20 processors'],
  ])('that cannot be run says why: %j', (text, why) => {
    const jobs = parseTrace(text, 10, 0.5);
    expect(jobs.ok ? '' : jobs.error.message).toContain(why);
  });
});

describe('a simulated workload', () => {
  test.each([1, 2])('runs each job once, for as long as it takes, never on more than there is, seed %i', (seed) => {
    const jobs = workload(seed, 800, 0.95);
    const { events } = runTrace(jobs, PROCESSORS, 'balanced');
    const byJob = new Map(jobs.map((job) => [job.job, job]));
    expect(new Set(events.map(({ job }) => job)).size).toBe(jobs.length);
    const moments: (readonly [atS: number, processors: number])[] = [];
    for (const { job, startS, endS } of events) {
      const { arrivesAtS, runS, processors } = byJob.get(job)!;
      expect(startS).toBeGreaterThanOrEqual(arrivesAtS);
      expect(endS - startS).toBe(runS);
      moments.push([startS, processors], [endS, -processors]);
    }
    let used = 0;
    for (const [, change] of moments.sort((one, other) => one[0] - other[0] || one[1] - other[1])) {
      used += change;
      expect(used).toBeLessThanOrEqual(PROCESSORS);
    }
  });

  test('is scheduled from what has ended alone: what a later job takes changes nothing before its end', () => {
    const jobs = workload(3, 400, 0.9);
    const { events } = runTrace(jobs, PROCESSORS, 'balanced');
    const last = events.at(-1)!;
    const longer = jobs.map((job) => (job.job === last.job ? { ...job, runS: 10 * job.runS } : job));
    const again = runTrace(longer, PROCESSORS, 'balanced').events;
    const startsBefore = (all: typeof events) => all.filter(({ startS }) => startS < last.startS + 1);
    expect(startsBefore(again).map(({ job, startS }) => [job, startS])).toEqual(
      startsBefore(events).map(({ job, startS }) => [job, startS]),
    );
  });

  test.each([4, 5])('waits far less than first come, first served, and most intervals hold, seed %i', (seed) => {
    const jobs = workload(seed, 3_000, 0.95);
    const { events, predictor } = runTrace(jobs, PROCESSORS, 'balanced');
    // With nothing to tell jobs apart by, what is left is the order of arrival, with backfill.
    const nameless = jobs.map((job) => ({ ...job, user: 0, application: 0 }));
    const blind = waitingFigures(nameless, runTrace(nameless, PROCESSORS, 'balanced').events);
    expect(waitingFigures(jobs, events).meanBoundedSlowdown).toBeLessThan(0.6 * blind.meanBoundedSlowdown);
    const share = coveredShare(predictor.coverage('durationMs'));
    expect(share).toBeGreaterThanOrEqual(0.88);
    expect(share).toBeLessThanOrEqual(0.92);
  });
});
