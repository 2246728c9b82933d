import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../src/cli/duration.ts';

describe('a length of time as people type it', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['1.5m', 90_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['1h30m', 5_400_000],
  ])('%s', (text, durationMs) => expect(parseDuration(text)).toBe(durationMs));

  it.each(['', '30', 's', '-5s', '5 s', '1e3s', '0s', '30s ago', '25d'])('is not %j', (text) =>
    expect(parseDuration(text)).toBeNull(),
  );
});
