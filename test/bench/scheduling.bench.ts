/**
 * Placement: how many decisions a second in a large lab, how long one slice of a round holds the event loop, and how much of
 * an openb cluster's GPUs is in use when arrivals for 130 % of them have come.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Figure } from '../../scripts/benching/figure.ts';
import { DEFAULT_SETTINGS } from '../../src/core/settings/settings.ts';
import { weighingOf } from '../../src/core/settings/weighing.ts';
import { createTaskBook } from '../../src/core/tasks/book.ts';
import { createPolicy } from '../../src/engine/tasks/policy.ts';
import { systemClock } from '../../src/node/system-clock.ts';
import { labwatchCommand } from '../cli/process.ts';
import { projectFolder } from '../support/source.ts';
import { aRun, aTask } from '../support/tasks.ts';
import { needsOf, TASKS, workersOfKinds } from './scheduling/busy-lab.ts';

const SEEDS = [42, 43, 44, 45, 46];
const SLICE_MS = 6;

export async function bench(): Promise<readonly Figure[]> {
  const round = await placeAll();
  return [
    {
      name: 'scheduling: decisions, 1,000 workers and 10,000 waiting tasks of 50 shapes',
      value: round.decisionsPerSecond,
      unit: 'decisions/s of CPU',
      bar: 5_000,
      isFloor: true,
    },
    { name: 'scheduling: the longest slice of a round', value: round.longestSliceMs, unit: 'ms of CPU', bar: 8 },
    { name: 'scheduling: event loop delay p99 meanwhile', value: round.delayP99Ms, unit: 'ms', bar: 20 },
    ...openbFigures(),
  ];
}

/** As the service goes through the queue: slice after slice, the event loop in between. */
async function placeAll() {
  const weighing = weighingOf(DEFAULT_SETTINGS);
  const policy = createPolicy({ weighing: () => weighing, clock: systemClock });
  const book = createTaskBook({ runs: [], tasks: [], attempts: [] });
  const run = aRun();
  const tasks = Array.from({ length: TASKS }, (_, number) =>
    aTask(number + 1, { needs: needsOf(number) }, { runId: run.runId }),
  );
  for (const { spec } of tasks) policy.arrived(spec.needs);
  book.apply({ kind: 'submitted', run, tasks }, 0);
  const offers = workersOfKinds();
  let decisions = 0;
  const place: typeof policy.place = (...asked) => {
    decisions += 1;
    return policy.place(...asked);
  };
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  let [cpuMs, longestSliceMs] = [0, 0];
  do {
    const startedMs = performance.now();
    const before = process.cpuUsage();
    book.schedule(place, offers, 0, () => performance.now() - startedMs < SLICE_MS);
    const { user, system } = process.cpuUsage(before);
    const sliceMs = (user + system) / 1_000;
    cpuMs += sliceMs;
    longestSliceMs = Math.max(longestSliceMs, sliceMs);
    await new Promise((resolve) => setTimeout(resolve, SLICE_MS));
  } while (!book.isRoundOver());
  delay.disable();
  return { decisionsPerSecond: decisions / (cpuMs / 1_000), longestSliceMs, delayP99Ms: delay.percentile(99) / 1e6 };
}

/** With `../shared` beside the checkout: its data and its scorer. */
function openbFigures(): readonly Figure[] {
  const shared = join(projectFolder, '..', 'shared');
  const nodes = join(shared, 'data', 'traces', 'openb_nodes.csv');
  if (!existsSync(nodes)) {
    process.stderr.write('scheduling: there is no ../shared/data/traces, so the openb figures are left out.\n');
    return [];
  }
  const lists = [
    { list: 'openb_pods', words: 'openb at load 1.3', bar: 95.4 },
    { list: 'openb_pods_gpuspec20', words: 'openb with a fifth bound to a model', bar: 94.9 },
  ];
  return lists.map(({ list, words, bar }) => {
    const pods = join(shared, 'data', 'traces', `${list}.csv.gz`);
    const percents = SEEDS.map((seed) => allocationOf(shared, nodes, pods, seed));
    return {
      name: `scheduling: GPUs given away, ${words}, mean of seeds 42–46`,
      value: percents.reduce((sum, one) => sum + one, 0) / percents.length,
      unit: '%',
      bar,
      isFloor: true,
      peers: list === 'openb_pods' ? { FGD: 95.39, 'best fit': 93.2 } : { FGD: 94.84, 'best fit': 93.7 },
    };
  });
}

function allocationOf(shared: string, nodes: string, pods: string, seed: number): number {
  const folder = mkdtempSync(join(tmpdir(), 'labwatch-openb-'));
  const tool = (name: string, ...words: readonly string[]) =>
    execFileSync(process.execPath, [join(shared, 'tools', name), ...words], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  try {
    const [arrivals, placements] = [join(folder, 'arrivals.csv'), join(folder, 'placements.csv')];
    writeFileSync(arrivals, tool('openb-workload.mjs', '--nodes', nodes, '--pods', pods, '--seed', String(seed)));
    const files = ['--nodes', nodes, '--arrivals', arrivals, '--placements', placements];
    const [program = '', ...words] = labwatchCommand(['simulate', ...files]);
    execFileSync(program, words, { stdio: 'ignore' });
    return (JSON.parse(tool('openb-score.mjs', ...files)) as { gpuAllocationPercent: number }).gpuAllocationPercent;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
