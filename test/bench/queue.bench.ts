/** The queue: how long jobs of a recorded machine wait, how often what was foretold came, and what a round costs. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Figure } from '../../scripts/benching/figure.ts';
import { coveredShare } from '../../src/core/scheduling/predict-coverage.ts';
import { runTrace } from '../../src/core/simulation/swf-run.ts';
import { parseTrace } from '../../src/core/simulation/swf-trace.ts';
import { waitingFigures } from '../../src/core/simulation/waiting-figures.ts';
import { projectFolder } from '../support/source.ts';
import { measureBusyFleet } from './queue/busy-fleet.ts';

const TRACE = join(projectFolder, '../shared/data/traces/nasa-ipsc-1993-a.swf.gz');
const PROCESSORS = 128;
const LOAD = 0.95;

export async function bench(): Promise<readonly Figure[]> {
  return [...traceFigures(), ...busyFigures()];
}

function traceFigures(): readonly Figure[] {
  if (!existsSync(TRACE)) {
    process.stderr.write(`The queue is not measured on a recorded machine: there is no ${TRACE}.\n`);
    return [];
  }
  const lines = gunzipSync(readFileSync(TRACE)).toString('latin1').split('\n');
  const jobs = lines.filter((line) => line.trim() !== '' && !line.startsWith(';'));
  const half = Math.floor(jobs.length / 2);
  return [
    ...partFigures('NASA iPSC, first part', jobs, true),
    ...partFigures('NASA iPSC, first half of it', jobs.slice(0, half), false),
    ...partFigures('NASA iPSC, second half of it', jobs.slice(half), false),
  ];
}

function partFigures(part: string, lines: readonly string[], isWhole: boolean): readonly Figure[] {
  const jobs = parseTrace(lines.join('\n'), PROCESSORS, LOAD);
  if (!jobs.ok) throw new Error(jobs.error.message);
  const before = process.cpuUsage();
  const { events, predictor } = runTrace(jobs.value, PROCESSORS, 'balanced');
  const cpuSeconds = process.cpuUsage(before).user / 1e6;
  const figures = waitingFigures(jobs.value, events);
  const peers = {
    'first come, first served + EASY': 1_077,
    'shortest by the last two runs + EASY': 223,
    'shortest, knowing the future': 19.8,
  };
  const covered = 100 * (coveredShare(predictor.coverage('durationMs')) ?? Number.NaN);
  return [
    {
      name: `queue: ${part}: mean bounded slowdown`,
      value: figures.meanBoundedSlowdown,
      unit: '×',
      ...(isWhole ? { bar: 195, peers } : {}),
    },
    {
      name: `queue: ${part}: bounded slowdown, p99`,
      value: figures.p99BoundedSlowdown,
      unit: '×',
      ...(isWhole ? { bar: 900 } : {}),
    },
    { name: `queue: ${part}: longest wait`, value: figures.longestWaitSeconds / 3_600, unit: 'h' },
    { name: `queue: ${part}: run times within what was foretold`, value: covered, unit: '%', bar: 88, isFloor: true },
    { name: `queue: ${part}: and not by too wide an interval`, value: covered, unit: '%', bar: 92 },
    ...(isWhole ? [{ name: `queue: ${part}: simulated in`, value: cpuSeconds, unit: 's of CPU' }] : []),
  ];
}

function busyFigures(): readonly Figure[] {
  const { placedPerSecond, decisionsPerSecond, roundMs, outlookMs } = measureBusyFleet();
  return [
    { name: 'queue: an empty fleet of 1,000 is filled', value: placedPerSecond, unit: 'tasks/s of CPU', isFloor: true },
    {
      name: 'queue: decisions on a full fleet of 1,000, 10,000 waiting in 50 shapes',
      value: decisionsPerSecond,
      unit: '/s of CPU',
      bar: 5_000,
      isFloor: true,
    },
    { name: 'queue: the same, a round after 100 ends', value: roundMs, unit: 'ms of CPU' },
    { name: 'queue: what is expected of a hundred waiting tasks', value: outlookMs, unit: 'ms of CPU' },
  ];
}
