/** The three series of one mount point, from what statfs(2) says. */
import type { StatsFs } from 'node:fs';
import { type SeriesKey, seriesKey } from '../../core/metrics/series.ts';
import type { Sink } from './collector.ts';

export class FilesystemSeries {
  readonly #usage: SeriesKey;
  readonly #limit: SeriesKey;
  readonly #utilization: SeriesKey;

  constructor(mountPoint: string) {
    const attributes = { 'system.filesystem.mountpoint': mountPoint };
    this.#usage = seriesKey('system.filesystem.usage', attributes);
    this.#limit = seriesKey('system.filesystem.limit', attributes);
    this.#utilization = seriesKey('system.filesystem.utilization', attributes);
  }

  /**
   * The share is that of `df`: used ÷ (used + available to users), so blocks reserved for root count as neither. A
   * filesystem of no size has no values.
   */
  put(sink: Sink, { blocks, bfree, bavail, bsize }: StatsFs): void {
    if (blocks === 0) return;
    const used = blocks - bfree;
    sink.put(this.#usage, used * bsize);
    sink.put(this.#limit, blocks * bsize);
    sink.put(this.#utilization, used / (used + bavail));
  }
}
