import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromBase64Url, toBase64Url } from '../../../src/shared/protocol/base64url.ts';

test('writes what everybody else writes, and reads it back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const text = toBase64Url(bytes);
      expect(text).toBe(Buffer.from(bytes).toString('base64url'));
      expect(fromBase64Url(text)).toEqual(bytes);
    }),
  );
});

test('one run of bytes has one text: whatever else is read is what it would be written as', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[A-Za-z0-9_-]{0,20}$/)), (text) => {
      const bytes = fromBase64Url(text);
      if (bytes !== null) expect(toBase64Url(bytes)).toBe(text);
    }),
  );
  for (const text of ['A', 'AB', 'AA==', 'A+', 'AA/A', 'AA A', 'Ä', 'AAB']) expect(fromBase64Url(text)).toBeNull();
});
