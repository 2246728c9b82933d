/** Usage of `/`, at every level. Its own collector, so that it comes with the first tick and no other mount delays it. */
import { statfsSync } from 'node:fs';
import { type Collector, OK } from '../collector.ts';
import { FilesystemSeries } from '../filesystem-series.ts';

export function rootFilesystemCollector(): Collector {
  const series = new FilesystemSeries('/');
  return {
    name: 'root-filesystem',
    leastLevel: 'basic',
    cadenceMs: () => 5_000,
    timeLimitMs: 5_000,
    isInFirstTick: true,
    detect: () => OK,
    read(sink) {
      series.put(sink, statfsSync('/'));
      return OK;
    },
    reset() {},
    dispose() {},
  };
}
