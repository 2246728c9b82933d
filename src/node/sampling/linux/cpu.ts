/**
 * CPU utilisation from `/proc/stat`.
 *
 * Busy is all time that is neither idle nor waiting for I/O, as psutil and htop count it; time of guests is contained in
 * `user`. A CPU's idle and iowait columns may step back by a little (proc_stat(5)): such a step counts as no time.
 */

import { includesLevel } from '../../../core/metrics/level.ts';
import { Counter } from '../../../core/metrics/rate.ts';
import { type SeriesKey, seriesKey } from '../../../core/metrics/series.ts';
import { type Collector, failing, OK, type ReadContext, type Sink, unsupported } from '../collector.ts';
import { type KeptFile, reopen } from './kept-file.ts';
import { CPU_MODES, emptyStat, parseStat, type StatReading } from './parse/stat.ts';
import type { KernelUnits, Roots } from './roots.ts';

const MODE_COUNT = CPU_MODES.length;
const IDLE = CPU_MODES.indexOf('idle');
const IOWAIT = CPU_MODES.indexOf('iowait');

/** OpenTelemetry's names of the modes; it has one for both kinds of interrupt. */
const REPORTED_MODES = [
  { mode: 'user', columns: [CPU_MODES.indexOf('user')] },
  { mode: 'nice', columns: [CPU_MODES.indexOf('nice')] },
  { mode: 'system', columns: [CPU_MODES.indexOf('system')] },
  { mode: 'idle', columns: [IDLE] },
  { mode: 'iowait', columns: [IOWAIT] },
  { mode: 'interrupt', columns: [CPU_MODES.indexOf('irq'), CPU_MODES.indexOf('softirq')] },
  { mode: 'steal', columns: [CPU_MODES.indexOf('steal')] },
].map(({ mode, columns }) => ({
  columns,
  utilization: seriesKey('system.cpu.utilization', { 'cpu.mode': mode }),
  time: seriesKey('system.cpu.time', { 'cpu.mode': mode }),
}));

const UTILIZATION = seriesKey('system.cpu.utilization');
const CONTEXT_SWITCHES = seriesKey('labwatch.context_switches');
const INTERRUPTS = seriesKey('labwatch.interrupts');

/** Two rows of ticks by mode, and what passed between them. */
class ModeTimes {
  readonly #before = new Float64Array(MODE_COUNT).fill(Number.NaN);
  readonly passed = new Float64Array(MODE_COUNT);
  passedTicks = 0;

  /** Takes a row; false where it makes no interval with the one before. */
  next(ticks: Float64Array, offset: number): boolean {
    let before = 0;
    let after = 0;
    this.passedTicks = 0;
    for (let mode = 0; mode < MODE_COUNT; mode += 1) {
      const value = ticks[offset + mode]!;
      const passed = Math.max(0, value - this.#before[mode]!);
      before += this.#before[mode]!;
      after += value;
      this.passed[mode] = passed;
      this.passedTicks += passed;
      this.#before[mode] = value;
    }
    return after > before && this.passedTicks > 0;
  }

  busyShare(): number {
    return 1 - (this.passed[IDLE]! + this.passed[IOWAIT]!) / this.passedTicks;
  }

  forget(): void {
    this.#before.fill(Number.NaN);
  }
}

export function cpuCollector(roots: Roots, units: KernelUnits): Collector {
  let file: KeptFile | null = null;
  const reading = emptyStat();
  const whole = new ModeTimes();
  const perCpu = new Map<number, { readonly key: SeriesKey; readonly times: ModeTimes }>();
  const contextSwitches = new Counter();
  const interrupts = new Counter();

  function cpu(logicalNumber: number) {
    let known = perCpu.get(logicalNumber);
    if (known === undefined) {
      const key = seriesKey('system.cpu.utilization', { 'cpu.logical_number': String(logicalNumber) });
      known = { key, times: new ModeTimes() };
      perCpu.set(logicalNumber, known);
    }
    return known;
  }

  function forget(): void {
    whole.forget();
    perCpu.clear();
    contextSwitches.reset();
    interrupts.reset();
  }

  return {
    name: 'cpu',
    leastLevel: 'basic',
    cadenceMs: () => null,
    timeLimitMs: 2_000,
    isInFirstTick: true,
    detect() {
      forget();
      file = reopen(file, `${roots.proc}/stat`);
      return file === null ? unsupported(`There is no ${roots.proc}/stat.`) : OK;
    },
    read(sink: Sink, context: ReadContext) {
      if (file === null) return failing('/proc/stat is not open.');
      const isDetailed = includesLevel(context.level, 'detailed');
      const isIntensive = includesLevel(context.level, 'intensive');
      const depth = isIntensive ? 'all' : isDetailed ? 'per-cpu' : 'total';
      const text = isDetailed ? file.read() : file.readStart();
      const monotonicMs = context.monotonicMs();
      if (!parseStat(text, depth, reading)) return failing('/proc/stat does not begin with the line of all CPUs.');
      const isInterval = whole.next(reading.total, 0);
      if (isInterval) sink.put(UTILIZATION, whole.busyShare());
      if (isDetailed) {
        putModes(sink, reading, isInterval ? whole : null, units.ticksPerSecond);
        putCpus(sink, reading);
      }
      if (isIntensive) {
        sink.put(CONTEXT_SWITCHES, contextSwitches.next(reading.contextSwitches, monotonicMs));
        sink.put(INTERRUPTS, interrupts.next(reading.interrupts, monotonicMs));
      }
      return OK;
    },
    reset: forget,
    dispose() {
      file?.close();
    },
  };

  function putCpus(sink: Sink, { cpuNumbers, ticks }: StatReading): void {
    for (let row = 0; row < cpuNumbers.length; row += 1) {
      const { key, times } = cpu(cpuNumbers[row]!);
      if (times.next(ticks, row * MODE_COUNT)) sink.put(key, times.busyShare());
    }
  }
}

function putModes(sink: Sink, { total }: StatReading, times: ModeTimes | null, ticksPerSecond: number): void {
  for (const { columns, utilization, time } of REPORTED_MODES) {
    let passed = 0;
    let ticks = 0;
    for (const column of columns) {
      passed += times?.passed[column] ?? 0;
      ticks += total[column]!;
    }
    if (times !== null) sink.put(utilization, passed / times.passedTicks);
    sink.put(time, ticks / ticksPerSecond);
  }
}
