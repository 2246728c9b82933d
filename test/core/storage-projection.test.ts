import { describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../../src/core/settings/settings.ts';
import { projectStorageBytes, ROLLUP_ROW_BYTES, type StoragePace } from '../../src/core/storage-projection.ts';

const pace: StoragePace = { samplesPerSecond: 40, activeSeries: 40, bytesPerSample: 0.75 };

describe('what a retention comes to', () => {
  test('is raw samples for their hours and a row for each bucket and series', () => {
    const rawBytes = 48 * 3_600 * 40 * 0.75;
    const rows = 40 * (30 * 1_440 + 365 * 144 + 1_825 * 24);
    expect(projectStorageBytes(DEFAULT_SETTINGS, pace)).toBe(rawBytes + rows * ROLLUP_ROW_BYTES);
  });

  test('grows with every setting and with the pace', () => {
    const standard = projectStorageBytes(DEFAULT_SETTINGS, pace);
    const longer = [
      'retention.rawHours',
      'retention.oneMinuteDays',
      'retention.tenMinuteDays',
      'retention.oneHourDays',
    ] as const;
    for (const key of longer) {
      expect(projectStorageBytes({ ...DEFAULT_SETTINGS, [key]: DEFAULT_SETTINGS[key] * 2 }, pace)).toBeGreaterThan(
        standard,
      );
    }
    expect(projectStorageBytes(DEFAULT_SETTINGS, { ...pace, samplesPerSecond: 80 })).toBeGreaterThan(standard);
  });

  test('never passes the size limit', () => {
    const crowd: StoragePace = { samplesPerSecond: 10_000, activeSeries: 10_000, bytesPerSample: 1 };
    expect(projectStorageBytes({ ...DEFAULT_SETTINGS, 'retention.maxGigabytes': 3 }, crowd)).toBe(3e9);
  });
});
