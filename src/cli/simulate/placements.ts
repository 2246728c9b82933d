/** `labwatch simulate --nodes … --arrivals … --placements …`: where placement puts a sequence of arrivals. */
import { writeSync } from 'node:fs';
import { formatCount, formatPercent } from '../../core/metrics/format.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { type Arrival, type ImaginedWorker, type Placing, placeArrivals } from '../../core/simulation/arrivals.ts';
import { print, printJson } from '../command.ts';
import { readArrivals, readNodes, writePlacements } from './openb-files.ts';
import type { PlacementFlags } from './placement-options.ts';
import { profileOf } from './profile-flag.ts';

export async function simulatePlacements(flags: PlacementFlags): Promise<Result<null>> {
  const { nodes, arrivals, placements } = flags;
  if (nodes === undefined || arrivals === undefined || placements === undefined)
    return fail('invalid-argument', 'Placements take --nodes, --arrivals and --placements together.');
  const profile = profileOf(flags.profile, 'packed');
  if (!profile.ok) return profile;
  const workers = await readNodes(nodes);
  if (!workers.ok) return workers;
  const coming = await readArrivals(arrivals);
  if (!coming.ok) return coming;
  const placings = placeArrivals(workers.value, coming.value, profile.value, progressOn(coming.value.length));
  const written = await writePlacements(placements, coming.value, placings);
  if (!written.ok) return written;
  const summary = summaryOf(workers.value, coming.value, placings);
  if (flags.json) printJson({ profile: profile.value, ...summary });
  else print(sentenceFor(summary));
  return ok(null);
}

interface Summary {
  readonly gpuAllocationPercent: number;
  readonly placed: number;
  readonly waiting: number;
}

function summaryOf(
  workers: readonly ImaginedWorker[],
  arrivals: readonly Arrival[],
  placings: readonly Placing[],
): Summary {
  const gpus = workers.reduce((sum, { capacity }) => sum + capacity.gpus.length, 0);
  const taken = placings.reduce((sum, one) => sum + (one?.gpus ?? []).reduce((all, { share }) => all + share, 0), 0);
  const placed = placings.filter((one) => one !== null).length;
  const percent = gpus === 0 ? 0 : Number(((100 * taken) / gpus).toFixed(2));
  return { gpuAllocationPercent: percent, placed, waiting: arrivals.length - placed };
}

function sentenceFor({ gpuAllocationPercent, placed, waiting }: Summary): string {
  const share = formatPercent(gpuAllocationPercent / 100, 2);
  return `${formatCount(placed)} placed, ${formatCount(waiting)} wait; ${share} of the GPUs are given away.`;
}

/** On a terminal a line that counts, written over; none elsewhere. */
function progressOn(total: number): (count: number) => void {
  if (!process.stderr.isTTY) return () => undefined;
  return (count) => {
    // Placement never lets go of the thread, so the line must not wait for it.
    if (count % 500 === 0 || count === total)
      writeSync(2, `\r${formatCount(count)} of ${formatCount(total)}${count === total ? '\r\u001b[K' : ''}`);
  };
}
