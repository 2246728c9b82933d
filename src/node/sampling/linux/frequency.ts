/**
 * Current frequency per logical CPU, from cpufreq's `scaling_cur_freq` (kHz).
 * Source: the kernel's Documentation/admin-guide/pm/cpufreq.rst. Virtual machines mostly have no cpufreq.
 */
import { readdirSync } from 'node:fs';
import { type SeriesKey, seriesKey } from '../../../core/metrics/series.ts';
import { type Collector, type Condition, failing, OK, type Sink, unsupported } from '../collector.ts';
import { type KeptFile, reopen } from './kept-file.ts';
import type { Roots } from './roots.ts';

interface Frequency {
  readonly key: SeriesKey;
  readonly file: KeptFile;
}

export function frequencyCollector(roots: Roots): Collector {
  let cpus: Frequency[] = [];

  function closeAll(): void {
    for (const { file } of cpus) file.close();
    cpus = [];
  }

  return {
    name: 'frequency',
    leastLevel: 'detailed',
    cadenceMs: () => 1_000,
    timeLimitMs: 5_000,
    isInFirstTick: false,
    detect(): Condition {
      closeAll();
      const folder = `${roots.sys}/devices/system/cpu`;
      for (const logicalNumber of cpuNumbersIn(folder)) {
        const file = reopen(null, `${folder}/cpu${logicalNumber}/cpufreq/scaling_cur_freq`);
        const key = seriesKey('system.cpu.frequency', { 'cpu.logical_number': String(logicalNumber) });
        if (file !== null) cpus.push({ key, file });
      }
      return cpus.length > 0 ? OK : unsupported('The kernel does not tell CPU frequencies here (no cpufreq).');
    },
    read(sink: Sink) {
      let answered = 0;
      for (const { key, file } of cpus) {
        const kilohertz = kilohertzIn(file);
        if (kilohertz === null) continue;
        answered += 1;
        sink.put(key, kilohertz * 1_000);
      }
      return answered > 0 ? OK : failing('No CPU tells its frequency.');
    },
    reset() {},
    dispose: closeAll,
  };
}

/** Null where the CPU is off line now. */
function kilohertzIn(file: KeptFile): number | null {
  try {
    return file.readStart().number();
  } catch {
    return null;
  }
}

function cpuNumbersIn(folder: string): readonly number[] {
  try {
    const numbers = readdirSync(folder).flatMap((name) => /^cpu(\d+)$/.exec(name)?.[1] ?? []);
    return numbers.map(Number).sort((a, b) => a - b);
  } catch {
    return [];
  }
}
