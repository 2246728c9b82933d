import { expect, test } from 'vitest';
import { termsWords } from '../../../src/core/tasks/terms.ts';

test('terms are told in words', () => {
  expect(termsWords(null, 'ada')).toBe('runs no tasks');
  expect(termsWords({ maxParallel: null, programs: null, asUser: null }, 'ada')).toBe(
    'runs tasks as ada, as many at once as fit, any program',
  );
  expect(termsWords({ maxParallel: 4, programs: ['pytest', 'python3'], asUser: 'lab' }, 'ada')).toBe(
    'runs tasks as lab, at most 4 at once, only pytest and python3',
  );
});
