/**
 * What an attempt used, from readings taken while it ran: peaks, means weighted by time, totals.
 *
 * What no reading told stays null. Means cover the time between readings that told something, so that neither a late first
 * reading nor a gap counts as zero.
 */
import type { AttemptUsage, UsageBasis } from './attempt.ts';

/** Shorter spans than this say more of the clock's ticks (10 ms of CPU) than of the task. */
const LEAST_RATE_SPAN_MS = 200;
/** A build starts processes by the ten thousand: past so many, those that have ended are forgotten. */
const MOST_SOURCES = 1_000;
/** Not at once: one that could not be read for a moment would count a second time. */
const GONE_AFTER_READINGS = 10;

export type UsageCounter =
  | 'cpuSeconds'
  | 'diskReadBytes'
  | 'diskWriteBytes'
  | 'networkReceivedBytes'
  | 'networkSentBytes'
  | 'energyJoules';

/** Counters that rise together: of a process, a control group, a GPU. What is left out was not read. */
export interface UsageSource {
  /** The same for the same thing as long as the attempt runs; for a process also its start time. */
  readonly name: string;
  /** `zero`: all of the count belongs to the attempt. `first`: only what came since the first reading does. */
  readonly from: 'zero' | 'first';
  readonly counts: Partial<Readonly<Record<UsageCounter, number>>>;
}

/** Everything at one moment; null: not read. */
export interface UsageReading {
  /** Since the command started; rises from reading to reading. */
  readonly atMs: number;
  readonly sources: readonly UsageSource[];
  readonly memoryBytes: number | null;
  /** Greatest ever, where the system keeps it (`memory.peak`); it sees what falls between readings. */
  readonly memoryPeakBytes: number | null;
  /** 0..1. */
  readonly gpuUtilization: number | null;
  readonly gpuMemoryBytes: number | null;
  readonly processCount: number | null;
}

export interface UsageFold {
  add(reading: UsageReading): void;
  /** Cores used between the last two readings that lie far enough apart; null before there are. */
  cores(): number | null;
  /** `toldCpuSeconds`: what the system told of the whole at the end, which may lack processes that outlived it. */
  usage(wallMs: number, toldCpuSeconds?: number | null): AttemptUsage;
}

export function createUsageFold(basis: UsageBasis): UsageFold {
  const totals = createTotals();
  const [memory, gpuUtilization, gpuMemory] = [createGauge(), createGauge(), createGauge()];
  let memoryPeakBytes: number | null = null;
  let processesPeak: number | null = null;
  let cores: number | null = null;
  let coresPeak: number | null = null;
  let rateFrom = { atMs: 0, cpuSeconds: 0 };

  function rateUntil(atMs: number): void {
    const cpuSeconds = totals.of('cpuSeconds');
    const spanMs = atMs - rateFrom.atMs;
    if (cpuSeconds === null || spanMs < LEAST_RATE_SPAN_MS) return;
    cores = (cpuSeconds - rateFrom.cpuSeconds) / (spanMs / 1_000);
    coresPeak = greatest(coresPeak, cores);
    rateFrom = { atMs, cpuSeconds };
  }

  return {
    add(reading) {
      const { atMs } = reading;
      totals.addAll(reading.sources);
      rateUntil(atMs);
      memory.add(atMs, reading.memoryBytes);
      gpuUtilization.add(atMs, reading.gpuUtilization);
      gpuMemory.add(atMs, reading.gpuMemoryBytes);
      memoryPeakBytes = greatest(memoryPeakBytes, reading.memoryPeakBytes);
      processesPeak = greatest(processesPeak, reading.processCount);
    },
    cores: () => cores,
    usage(wallMs, toldCpuSeconds = null) {
      const cpuSeconds = greatest(totals.of('cpuSeconds'), toldCpuSeconds);
      const coresMean = cpuSeconds === null || wallMs <= 0 ? null : cpuSeconds / (wallMs / 1_000);
      return {
        basis,
        wallMs,
        cpuSeconds,
        // No span of it can have used less than all of it did on average.
        coresPeak: greatest(coresPeak, coresMean),
        coresMean,
        memoryPeakBytes: greatest(memory.peak(), memoryPeakBytes),
        memoryMeanBytes: memory.mean(),
        diskReadBytes: totals.of('diskReadBytes'),
        diskWriteBytes: totals.of('diskWriteBytes'),
        networkReceivedBytes: totals.of('networkReceivedBytes'),
        networkSentBytes: totals.of('networkSentBytes'),
        gpuUtilizationPeak: gpuUtilization.peak(),
        gpuUtilizationMean: gpuUtilization.mean(),
        gpuMemoryPeakBytes: gpuMemory.peak(),
        gpuMemoryMeanBytes: gpuMemory.mean(),
        energyJoules: totals.of('energyJoules'),
        processesPeak,
      };
    },
  };
}

function createTotals() {
  const totals = new Map<UsageCounter, number>();
  const known = new Map<string, { readonly counts: UsageSource['counts']; readonly seenIn: number }>();
  let readings = 0;

  function add({ name, from, counts }: UsageSource): void {
    const before = known.get(name)?.counts ?? {};
    for (const [counter, count] of Object.entries(counts) as [UsageCounter, number][]) {
      totals.set(counter, (totals.get(counter) ?? 0) + grown(before[counter], count, from));
    }
    known.set(name, { counts: { ...before, ...counts }, seenIn: readings });
  }

  return {
    addAll(sources: readonly UsageSource[]): void {
      readings += 1;
      for (const source of sources) add(source);
      if (known.size <= MOST_SOURCES) return;
      for (const [name, { seenIn }] of known) if (seenIn <= readings - GONE_AFTER_READINGS) known.delete(name);
    },
    of: (counter: UsageCounter) => totals.get(counter) ?? null,
  };
}

/** A count that fell began anew, and all of it came since. */
function grown(before: number | undefined, count: number, from: UsageSource['from']): number {
  if (before === undefined) return from === 'zero' ? count : 0;
  return count >= before ? count - before : count;
}

/** Peak, and the mean of straight lines between neighbouring readings. */
function createGauge() {
  let peak: number | null = null;
  let last: { readonly atMs: number; readonly value: number } | null = null;
  let [area, coveredMs] = [0, 0];

  return {
    add(atMs: number, value: number | null): void {
      if (value !== null && last !== null) {
        area += ((value + last.value) / 2) * (atMs - last.atMs);
        coveredMs += atMs - last.atMs;
      }
      peak = greatest(peak, value);
      last = value === null ? null : { atMs, value };
    },
    peak: () => peak,
    /** Where no two readings followed each other, the greatest stands for the mean. */
    mean: () => (coveredMs > 0 ? area / coveredMs : peak),
  };
}

function greatest(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.max(one, other);
}
