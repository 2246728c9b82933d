/** What people read: units, rounding, and no data. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatByteRate,
  formatBytes,
  formatBytesOf,
  formatCelsius,
  formatCount,
  formatDuration,
  formatGigabytes,
  formatIn,
  formatPercent,
  formatValue,
  formatWatts,
  scaleFor,
} from '../../../src/core/metrics/format.ts';

/** Figures use no-break spaces; the expectations below are written with plain ones. */
function plain(text: string): string {
  return text.replaceAll('\u00a0', ' ');
}

describe('numbers for people', () => {
  it('shows no data as a dash, never as 0', () => {
    for (const format of [formatPercent, formatBytes, formatByteRate, formatCelsius, formatWatts, formatDuration]) {
      expect(format(null)).toBe('–');
      expect(format(Number.NaN)).toBe('–');
    }
    expect(formatCount(null)).toBe('–');
    expect(formatGigabytes(null)).toBe('–');
    expect(formatValue('rpm', null)).toBe('–');
  });

  it('shows ratios as percent', () => {
    expect(plain(formatPercent(0.184))).toBe('18 %');
    expect(plain(formatPercent(0.184, 1))).toBe('18.4 %');
    expect(plain(formatPercent(6.12))).toBe('612 %');
    expect(plain(formatPercent(-0.0001))).toBe('0 %');
  });

  it('shows memory in binary and rates in decimal units with three digits', () => {
    expect(plain(formatBytes(0))).toBe('0 B');
    expect(plain(formatBytes(1023))).toBe('1023 B');
    expect(plain(formatBytes(1023.9 * 2 ** 10))).toBe('1 MiB');
    expect(plain(formatBytes(212 * 2 ** 20))).toBe('212 MiB');
    expect(plain(formatBytes(31.42 * 2 ** 30))).toBe('31.4 GiB');
    expect(plain(formatByteRate(94e6))).toBe('94 MB/s');
    expect(plain(formatByteRate(1.5e3))).toBe('1.5 kB/s');
    expect(plain(formatBytesOf(62.1 * 2 ** 30, 64 * 2 ** 30))).toBe('62.1 of 64 GiB');
    expect(plain(formatBytesOf(null, 64 * 2 ** 30))).toBe('– of 64 GiB');
    expect(plain(formatGigabytes(820e6))).toBe('820 MB');
    expect(plain(formatGigabytes(10.04e9))).toBe('10 GB');
    expect(plain(formatGigabytes(2e12))).toBe('2 TB');
  });

  it('shows heat, power, energy, speed and latency in the unit that fits', () => {
    expect(plain(formatCelsius(51.4))).toBe('51 °C');
    expect(plain(formatWatts(64.3))).toBe('64 W');
    expect(plain(formatWatts(2_840))).toBe('2.84 kW');
    expect(plain(formatWatts(3.456))).toBe('3.46 W');
    expect(plain(formatValue('J', 7.2e6))).toBe('2 kWh');
    expect(plain(formatValue('Hz', 3.4e9))).toBe('3.4 GHz');
    expect(plain(formatValue('rpm', 1_240))).toBe('1240 rpm');
    expect(plain(formatValue('s', 0.00042))).toBe('420 µs');
    expect(plain(formatValue('/s', 12_400))).toBe('12.4 k/s');
    expect(plain(formatValue('{item}', 1.25))).toBe('1.25');
  });

  it('shows the two largest parts of a duration', () => {
    expect(plain(formatDuration(850))).toBe('850 ms');
    expect(plain(formatDuration(42_900))).toBe('42 s');
    expect(plain(formatDuration(192_000))).toBe('3 min 12 s');
    expect(plain(formatDuration(7_200_000))).toBe('2 h');
    expect(plain(formatDuration(273_600_000))).toBe('3 d 4 h');
  });

  it('groups large counts', () => {
    expect(plain(formatCount(999))).toBe('999');
    expect(plain(formatCount(34_600_000))).toBe('34 600 000');
  });

  it('keeps one unit for a whole axis', () => {
    const scale = scaleFor('By/s', 250e6);
    expect(scale.suffix).toBe('MB/s');
    expect([0, 125e6, 250e6].map((value) => formatIn(scale, value))).toEqual(['0', '125', '250']);
  });

  it('never shows a figure that is off by more than half a percent', () => {
    fc.assert(
      fc.property(fc.double({ min: 1_000, max: 1e15, noNaN: true }), (bytes) => {
        const scale = scaleFor('By', bytes);
        const shown = Number(formatIn(scale, bytes)) * scale.divisor;
        expect(Math.abs(shown - bytes) / bytes).toBeLessThanOrEqual(0.0051);
      }),
    );
  });
});
