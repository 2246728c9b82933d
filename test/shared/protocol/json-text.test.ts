import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LIMITS } from '../../../src/shared/protocol/contract.ts';
import { parseJsonObject } from '../../../src/shared/protocol/json-text.ts';

test('reads objects as JSON.parse does', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 })), (object) => {
      const text = JSON.stringify(object);
      expect(parseJsonObject(text)).toEqual(JSON.parse(text));
    }),
  );
});

test('takes nothing that is not an object', () => {
  for (const text of ['', 'null', '1', '"a"', '[]', '[{}]', '{', '{"a":}', 'undefined', '{"a":1}}']) {
    expect(parseJsonObject(text)).toBeNull();
  }
});

test('takes objects and arrays within each other up to the limit, and brackets in texts do not count', () => {
  const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  expect(parseJsonObject(nested(LIMITS.depth))).not.toBeNull();
  expect(parseJsonObject(nested(LIMITS.depth + 1))).toBeNull();
  expect(parseJsonObject(`{"a":${'['.repeat(500_000)}`)).toBeNull();
  const text = '[{"\\'.repeat(100);
  expect(parseJsonObject(JSON.stringify({ [text]: text, tail: '\\' }))).toEqual({ [text]: text, tail: '\\' });
});
