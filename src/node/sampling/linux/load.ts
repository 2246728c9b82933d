/** Load averages and uptime, from `/proc/loadavg` and `/proc/uptime` (proc_loadavg(5), proc_uptime(5)). */
import { seriesKey } from '../../../core/metrics/series.ts';
import { type Collector, failing, OK, unsupported } from '../collector.ts';
import { type KeptFile, reopen } from './kept-file.ts';
import type { Roots } from './roots.ts';

const LOADS = [seriesKey('labwatch.load1'), seriesKey('labwatch.load5'), seriesKey('labwatch.load15')];
const UPTIME = seriesKey('system.uptime');

export function loadCollector(roots: Roots): Collector {
  let load: KeptFile | null = null;
  let uptime: KeptFile | null = null;
  return {
    name: 'load',
    leastLevel: 'basic',
    cadenceMs: () => null,
    timeLimitMs: 2_000,
    isInFirstTick: true,
    detect() {
      load = reopen(load, `${roots.proc}/loadavg`);
      uptime = reopen(uptime, `${roots.proc}/uptime`);
      return load === null || uptime === null ? unsupported(`There is no ${roots.proc}/loadavg or uptime.`) : OK;
    },
    read(sink) {
      if (load === null || uptime === null) return failing('/proc/loadavg is not open.');
      const averages = load.readStart();
      for (const key of LOADS) sink.put(key, averages.decimal());
      sink.put(UPTIME, uptime.readStart().decimal());
      return OK;
    },
    reset() {},
    dispose() {
      load?.close();
      uptime?.close();
    },
  };
}
