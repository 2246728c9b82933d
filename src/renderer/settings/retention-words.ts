/**
 * What a retention means on disk, beside the field that sets it.
 *
 * The store reports one figure for all resolutions together, measured at the present pace. Here it is shared out by the
 * projection that the store itself uses, with the number of series and the level's interval as the pace; before an hour
 * was recorded the projection stands alone, marked as an estimate.
 */
import { formatGigabytes } from '../../core/metrics/format.ts';
import { TICK_INTERVAL_MS } from '../../core/metrics/level.ts';
import type { SettingKey, Settings } from '../../core/settings/settings.ts';
import { projectStorageBytes, type StoragePace } from '../../core/storage-projection.ts';
import type { StorageUsage } from '../../core/storage-report.ts';
import { SECOND_MS } from '../../core/time.ts';

const AGE_KEYS = [
  'retention.rawHours',
  'retention.oneMinuteDays',
  'retention.tenMinuteDays',
  'retention.oneHourDays',
] as const satisfies readonly SettingKey[];

type AgeKey = (typeof AGE_KEYS)[number];

export function isAgeKey(key: SettingKey): key is AgeKey {
  return (AGE_KEYS as readonly SettingKey[]).includes(key);
}

/** `≈ 410 MB`: what this resolution comes to when kept for `value`; null where nothing is known to count with. */
export function ageWords(key: AgeKey, value: number, settings: Settings, usage: StorageUsage): string | null {
  if (usage.seriesCount === 0 || !Number.isFinite(value)) return null;
  return `≈ ${formatGigabytes(bytesOf({ ...settings, [key]: value }, key, settings, usage))}`;
}

/** What everything together comes to once it is as old as it may get, or null before there are series. */
export function totalBytes(settings: Settings, usage: StorageUsage): number | null {
  if (usage.projectedBytes !== null) return usage.projectedBytes;
  return usage.seriesCount === 0 ? null : projectStorageBytes(settings, paceOf(settings, usage));
}

/** Bytes of one resolution under `changed`, at a pace that fits what the store measured under `settings`. */
function bytesOf(changed: Settings, key: AgeKey, settings: Settings, usage: StorageUsage): number {
  const pace = paceOf(settings, usage);
  const estimate = projectStorageBytes(unlimited(settings), pace);
  const isMeasured = usage.projectedBytes !== null && usage.projectedBytes < settings['retention.maxGigabytes'] * 1e9;
  const factor = isMeasured && usage.projectedBytes !== null ? usage.projectedBytes / estimate : 1;
  return projectStorageBytes(only(changed, key), pace) * factor;
}

function paceOf(settings: Settings, usage: StorageUsage): StoragePace {
  return {
    samplesPerSecond: (usage.seriesCount * SECOND_MS) / TICK_INTERVAL_MS[settings.level],
    activeSeries: usage.seriesCount,
    bytesPerSample: 1,
  };
}

function unlimited(settings: Settings): Settings {
  return { ...settings, 'retention.maxGigabytes': Number.MAX_VALUE };
}

/** The same retention with every other resolution kept for no time at all. */
function only(settings: Settings, key: AgeKey): Settings {
  const others = AGE_KEYS.filter((other) => other !== key).map((other) => [other, 0] as const);
  return { ...unlimited(settings), ...Object.fromEntries(others) };
}
