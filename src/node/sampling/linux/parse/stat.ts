/**
 * `/proc/stat`: CPU time by mode, context switches, interrupts.
 * Format: proc_stat(5), and "Miscellaneous kernel statistics" in the kernel's Documentation/filesystems/proc.rst.
 */
import { type ByteCursor, bytesOf } from '../byte-cursor.ts';

/** Modes in the order of the file's columns; `guest` and `guest_nice` follow and are contained in `user` and `nice`. */
export const CPU_MODES = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const;
const MODE_COUNT = CPU_MODES.length;

/** Filled by `parseStat`, reused from reading to reading. */
export interface StatReading {
  /** Ticks by mode of the whole machine. */
  readonly total: Float64Array;
  /** Logical numbers of the CPUs on line; a gap is a CPU that is off. */
  readonly cpuNumbers: number[];
  /** Ticks by mode, a row for each of `cpuNumbers`. */
  ticks: Float64Array;
  contextSwitches: number;
  interrupts: number;
}

export function emptyStat(): StatReading {
  return {
    total: new Float64Array(MODE_COUNT),
    cpuNumbers: [],
    ticks: new Float64Array(MODE_COUNT * 16),
    contextSwitches: Number.NaN,
    interrupts: Number.NaN,
  };
}

const CPU = bytesOf('cpu');
const CTXT = bytesOf('ctxt ');
const INTR = bytesOf('intr ');

/** How much of the file is wanted: the first line, also a line per CPU, or also the counters below them. */
export type StatDepth = 'total' | 'per-cpu' | 'all';

/** False where the text is not what it should be. Columns that old kernels lack count as 0. */
export function parseStat(cursor: ByteCursor, depth: StatDepth, into: StatReading): boolean {
  if (!cursor.startsWith(CPU)) return false;
  cursor.at += CPU.length;
  if (cursor.bytes[cursor.at] !== 32) return false;
  readModes(cursor, into.total, 0);
  if (depth === 'total') return true;
  into.cpuNumbers.length = 0;
  let hasLine = cursor.nextLine();
  while (hasLine && cursor.startsWith(CPU)) {
    cursor.at += CPU.length;
    const offset = into.cpuNumbers.length * MODE_COUNT;
    into.cpuNumbers.push(cursor.number());
    if (offset + MODE_COUNT > into.ticks.length) into.ticks = grown(into.ticks);
    readModes(cursor, into.ticks, offset);
    hasLine = cursor.nextLine();
  }
  if (depth === 'per-cpu') return true;
  for (; hasLine; hasLine = cursor.nextLine()) {
    if (cursor.startsWith(INTR)) {
      cursor.at += INTR.length;
      into.interrupts = cursor.number();
    } else if (cursor.startsWith(CTXT)) {
      cursor.at += CTXT.length;
      into.contextSwitches = cursor.number();
      break;
    }
  }
  return true;
}

function readModes(cursor: ByteCursor, into: Float64Array, offset: number): void {
  for (let mode = 0; mode < MODE_COUNT; mode += 1) {
    const ticks = cursor.number();
    into[offset + mode] = Number.isNaN(ticks) ? 0 : ticks;
  }
}

function grown(before: Float64Array): Float64Array {
  const larger = new Float64Array(before.length * 2);
  larger.set(before);
  return larger;
}
