/** What one running attempt uses: readings of its processes while it runs, and the exact totals that its supervisor tells. */
import type { AttemptUsage } from '../../core/tasks/attempt.ts';
import { createUsageFold, type UsageSource } from '../../core/tasks/attempt-usage.ts';
import type { Clock } from '../../core/time.ts';
import { createBreath } from './breath.ts';
import { familyOf } from './family.ts';
import type { GpuReading } from './gpu-usage.ts';
import type { MemoryReader } from './memory-reader.ts';
import { diskBytes, processFacts, readOrNull, reapedDiskBytes } from './process-facts.ts';
import type { EndFacts, StartFacts } from './supervisor-facts.ts';

export interface MeterOptions {
  readonly start: StartFacts;
  readonly clock: Clock;
  readonly memory: MemoryReader;
  readonly gpu: (pids: readonly number[]) => GpuReading;
}

export interface Meter {
  read(): Promise<void>;
  now(): MeterState;
  /** Before its end: whether anything was read that the end does not tell. */
  hasRead(): boolean;
  /** The totals of the end, as far as they were told. */
  end(facts: EndFacts): AttemptUsage;
}

export interface MeterState {
  readonly cores: number | null;
  readonly memoryBytes: number | null;
  readonly gpuMemoryBytes: number | null;
  /** The processes of the newest reading. */
  readonly pids: readonly number[];
  readonly usage: AttemptUsage;
}

type Counts = UsageSource['counts'];

export function createMeter({ start, clock, memory, gpu }: MeterOptions): Meter {
  const fold = createUsageFold(start.basis);
  const startedMs = clock.monotonicMs() - Math.max(0, clock.nowMs() - start.startedAtMs);
  let counts: Counts = {};
  let atMs = 0;
  let newest = { memoryBytes: null as number | null, gpuMemoryBytes: null as number | null, pids: [] as number[] };

  /** Processes end between two looks at them: then a sum falls for a moment, and the greater one before it was true. */
  function risen(seen: Counts): Counts {
    const greater = (name: keyof Counts) => {
      const [before, now] = [counts[name], seen[name]];
      return now === undefined ? before : Math.max(now, before ?? 0);
    };
    const all = (['cpuSeconds', 'diskReadBytes', 'diskWriteBytes'] as const).map((name) => [name, greater(name)]);
    counts = Object.fromEntries(all.filter(([, count]) => count !== undefined)) as Counts;
    return counts;
  }

  function add(elapsedMs: number, seen: Counts, rest: Partial<Parameters<typeof fold.add>[0]>): void {
    atMs = Math.max(atMs + 1, elapsedMs);
    fold.add({
      atMs,
      sources: [{ name: 'attempt', from: 'zero', counts: risen(seen) }],
      memoryBytes: null,
      memoryPeakBytes: null,
      gpuUtilization: null,
      gpuMemoryBytes: null,
      processCount: null,
      ...rest,
    });
  }

  return {
    async read() {
      const breathe = createBreath(clock);
      const supervisor = processFacts(start.pid);
      if (supervisor === null || supervisor.isDead || supervisor.startTicks !== start.startTicks) return;
      const before = start.reapedBefore;
      const reaped = reapedDiskBytes(start.pid);
      const family = await familyOf(start.pid, breathe);
      const living = family.filter((one) => !one.isDead);
      const disk = living.map(({ pid }) => diskBytes(pid)).filter((one) => one !== null);
      const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
      const seen: Counts = {
        cpuSeconds:
          groupCpuSeconds(start.group) ??
          supervisor.reapedCpuSeconds -
            before.cpuSeconds +
            sum(family.map((one) => one.cpuSeconds + one.reapedCpuSeconds)),
        ...(reaped !== null && {
          diskReadBytes: reaped.readBytes - before.readBytes + sum(disk.map(({ readBytes }) => readBytes)),
          diskWriteBytes: reaped.writeBytes - before.writeBytes + sum(disk.map(({ writeBytes }) => writeBytes)),
        }),
      };
      const memoryBytes = groupMemoryBytes(start.group) ?? (await memory.read(living));
      const pids = living.map(({ pid }) => pid);
      const { utilization, memoryBytes: gpuMemoryBytes } = gpu(pids);
      newest = { memoryBytes, gpuMemoryBytes, pids };
      add(clock.monotonicMs() - startedMs, seen, {
        memoryBytes,
        gpuUtilization: utilization,
        gpuMemoryBytes,
        processCount: living.length,
      });
    },
    now: () => ({ cores: fold.cores(), ...newest, usage: fold.usage(Math.round(clock.monotonicMs() - startedMs)) }),
    hasRead: () => atMs > 0,
    end(facts) {
      const wallMs = facts.wallMs ?? 0;
      const wasSampled = fold.usage(wallMs).memoryPeakBytes !== null;
      const groupPeakBytes = wasSampled ? null : facts.groupPeakBytes;
      add(wallMs, toldCounts(facts), { memoryPeakBytes: groupPeakBytes ?? facts.memoryPeakBytes });
      return fold.usage(wallMs);
    },
  };
}

function toldCounts({ cpuMicros, diskReadBytes, diskWriteBytes }: EndFacts): Counts {
  return {
    ...(cpuMicros !== null && { cpuSeconds: cpuMicros / 1e6 }),
    ...(diskReadBytes !== null && { diskReadBytes }),
    ...(diskWriteBytes !== null && { diskWriteBytes }),
  };
}

function groupCpuSeconds(group: string): number | null {
  const told = group === '' ? null : /^usage_usec (\d+)/m.exec(readOrNull(`${group}/cpu.stat`) ?? '');
  return told === null ? null : Number(told[1]) / 1e6;
}

/** Without the page cache that nobody has used lately: it is given back as soon as anybody asks. */
function groupMemoryBytes(group: string): number | null {
  const current = group === '' ? null : readOrNull(`${group}/memory.current`);
  if (current === null) return null;
  const idle = /^inactive_file (\d+)/m.exec(readOrNull(`${group}/memory.stat`) ?? '');
  return Math.max(0, Number(current) - Number(idle?.[1] ?? 0));
}
