/** What each level adds and what it asks for, in a sentence. */
import type { Level } from '../../core/metrics/level.ts';

export const LEVEL_WORDS: Readonly<Record<Level, string>> = {
  basic: 'Every 5 s: CPU, memory, swap, load, the system disk. Costs least.',
  standard: 'Every second. Adds disks, network, filesystems, GPU, temperature, power and the top 5 processes.',
  detailed:
    'Every second. Adds each core, CPU modes, pressure, paging, disk latency, fans and the top 20 processes. About twice the cost of standard.',
  intensive:
    'Four times a second. Adds every process with its I/O, context switches and GPU clocks. About eight times the cost of standard: for minutes, not for days.',
};
