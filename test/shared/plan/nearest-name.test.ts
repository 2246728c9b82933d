import { describe, expect, test } from 'vitest';
import { nearestName } from '../../../src/shared/plan/nearest-name.ts';

const KNOWN = ['name', 'command', 'memoryBytes', 'gpuMemoryBytes', 'timeoutSeconds', 'group', 'groupLimit', 'after'];

describe('the nearest known name', () => {
  test.each([
    ['nmae', 'name'],
    ['comand', 'command'],
    ['Command', 'command'],
    ['memory', 'memoryBytes'],
    ['memory_bytes', 'memoryBytes'],
    ['timeout', 'timeoutSeconds'],
    ['grup', 'group'],
    ['grouplimits', 'groupLimit'],
  ])('to %s is %s', (typed, meant) => expect(nearestName(typed, KNOWN)).toBe(meant));

  test.each(['', 'x', 'colour', 'a', 'something else'])('to %j is none', (typed) =>
    expect(nearestName(typed, KNOWN)).toBeNull(),
  );

  test('to something endless is none', () => {
    expect(nearestName('y'.repeat(100_000), ['y'.repeat(99_999)])).toBeNull();
  });
});
