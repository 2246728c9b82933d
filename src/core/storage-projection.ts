/** What a retention comes to in bytes, from the pace at which samples come in. Pure: the Settings view and the store share it. */
import { ROLLUP_RESOLUTIONS, ROLLUP_WIDTH_MS, type RollupResolution } from './metrics/rollup.ts';
import type { SettingKey, Settings } from './settings/settings.ts';
import { DAY_MS, HOUR_MS, SECOND_MS } from './time.ts';

/** What was seen of the store so far, over its last recorded hour. */
export interface StoragePace {
  readonly samplesPerSecond: number;
  /** Series that got samples. */
  readonly activeSeries: number;
  /** Bytes one packed sample takes, with its share of times and pages. */
  readonly bytesPerSample: number;
}

export type RetentionSettings = Pick<Settings, SettingKey & `retention.${string}`>;

/** Bytes of one rollup row with its share of the pages, as measured in `docs/benchmarks.md`. */
export const ROLLUP_ROW_BYTES = 32;

const BYTES_PER_GIGABYTE = 1e9;

/** How long each resolution is kept, ms. */
export function retentionMs(settings: RetentionSettings): Readonly<Record<'raw' | RollupResolution, number>> {
  return {
    raw: settings['retention.rawHours'] * HOUR_MS,
    '1m': settings['retention.oneMinuteDays'] * DAY_MS,
    '10m': settings['retention.tenMinuteDays'] * DAY_MS,
    '1h': settings['retention.oneHourDays'] * DAY_MS,
  };
}

/** Size of metrics.db once every resolution has reached its age, bytes; never more than the size limit. */
export function projectStorageBytes(settings: RetentionSettings, pace: StoragePace): number {
  const keptMs = retentionMs(settings);
  const rawBytes = (keptMs.raw / SECOND_MS) * pace.samplesPerSecond * pace.bytesPerSample;
  const rollupBytes = ROLLUP_RESOLUTIONS.reduce(
    (sum, resolution) =>
      sum + (keptMs[resolution] / ROLLUP_WIDTH_MS[resolution]) * pace.activeSeries * ROLLUP_ROW_BYTES,
    0,
  );
  return Math.min(rawBytes + rollupBytes, settings['retention.maxGigabytes'] * BYTES_PER_GIGABYTE);
}
