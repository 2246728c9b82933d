/** Swapping and page faults, from `/proc/vmstat`. */
import { Counter } from '../../../core/metrics/rate.ts';
import { seriesKey } from '../../../core/metrics/series.ts';
import { type Collector, failing, OK, type ReadContext, type Sink, unsupported } from '../collector.ts';
import { type KeptFile, reopen } from './kept-file.ts';
import { type PagingReading, parseVmstat } from './parse/vmstat.ts';
import type { Roots } from './roots.ts';

const IN = seriesKey('system.paging.operations', { 'system.paging.direction': 'in' });
const OUT = seriesKey('system.paging.operations', { 'system.paging.direction': 'out' });
const MAJOR = seriesKey('system.paging.faults', { 'system.paging.fault.type': 'major' });
const MINOR = seriesKey('system.paging.faults', { 'system.paging.fault.type': 'minor' });

export function pagingCollector(roots: Roots): Collector {
  let file: KeptFile | null = null;
  const reading: PagingReading = { swappedIn: 0, swappedOut: 0, faults: 0, majorFaults: 0 };
  const counters = { in: new Counter(), out: new Counter(), major: new Counter(), minor: new Counter() };
  const reset = () => {
    for (const counter of Object.values(counters)) counter.reset();
  };
  return {
    name: 'paging',
    leastLevel: 'detailed',
    cadenceMs: () => null,
    timeLimitMs: 2_000,
    isInFirstTick: false,
    detect() {
      reset();
      file = reopen(file, `${roots.proc}/vmstat`);
      return file === null ? unsupported(`There is no ${roots.proc}/vmstat.`) : OK;
    },
    read(sink: Sink, context: ReadContext) {
      if (file === null) return failing('/proc/vmstat is not open.');
      const text = file.read();
      const atMs = context.monotonicMs();
      parseVmstat(text, reading);
      sink.put(IN, counters.in.next(reading.swappedIn, atMs));
      sink.put(OUT, counters.out.next(reading.swappedOut, atMs));
      sink.put(MAJOR, counters.major.next(reading.majorFaults, atMs));
      sink.put(MINOR, counters.minor.next(reading.faults - reading.majorFaults, atMs));
      return OK;
    },
    reset,
    dispose() {
      file?.close();
    },
  };
}
