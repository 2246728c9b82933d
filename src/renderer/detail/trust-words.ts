/** What is known of the trust in another machine, as lines for people. Pure. */
import type { RemoteView } from '../../core/fleet/worker.ts';
import { formatCount, formatDuration, formatGigabytes, formatValue } from '../../core/metrics/format.ts';
import { MINUTE_MS, SECOND_MS } from '../../core/time.ts';

/** Below it a difference is what networks and clocks are like. */
const WORTH_A_WARNING_MS = 100;
const KILOBYTE = 1e3;
const MEGABYTE = 1e6;

export interface ClockWords {
  readonly text: string;
  readonly isWarning: boolean;
}

/** `12 ms ahead`: the worker's clock as seen from here; null before it was measured. */
export function clockWords(differenceMs: number | null): ClockWords | null {
  if (differenceMs === null) return null;
  const size = Math.abs(differenceMs);
  if (size < 1) return { text: 'less than 1 ms off', isWarning: false };
  const amount = size < MINUTE_MS ? formatValue('s', size / SECOND_MS) : formatDuration(size);
  return { text: `${amount} ${differenceMs > 0 ? 'ahead' : 'behind'}`, isWarning: size >= WORTH_A_WARNING_MS };
}

/** `fetching 1.2 MB of history it kept while away`; null when all is here. */
export function backfillWords(spooledBytes: number, isConnected: boolean): string | null {
  if (spooledBytes <= 0) return null;
  const amount =
    spooledBytes < MEGABYTE ? `${Math.ceil(spooledBytes / KILOBYTE)}\u00a0kB` : formatGigabytes(spooledBytes);
  return isConnected
    ? `fetching ${amount} of history it kept while away`
    : `at least ${amount} of history still there, fetched when it is back`;
}

/** `312 ticks of samples; its spool was full`; null when nothing was. */
export function lostWords(lostTicks: number): string | null {
  if (lostTicks <= 0) return null;
  return `${formatCount(lostTicks)} ${lostTicks === 1 ? 'tick' : 'ticks'} of samples; its spool was full`;
}

export function agentWords({ agentVersion, platform }: RemoteView): string {
  if (agentVersion === null) return 'not heard from yet';
  return platform === null ? agentVersion : `${agentVersion} on ${platform}`;
}
