import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  encodeListeningCode,
  type ListeningCode,
  parseListeningCode,
} from '../../../src/node/transport/listening-code.ts';
import { parsePairingCode } from '../../../src/node/transport/pairing-code.ts';

const example: ListeningCode = {
  secret: new Uint8Array(16).fill(9),
  port: 7_462,
  addresses: ['192.168.1.20', 'fd00::20', 'rig-03.lab'],
};
const code = encodeListeningCode(example);
const refusal = (text: string) => {
  const parsed = parseListeningCode(text);
  return parsed.ok ? null : `${parsed.error.code}: ${parsed.error.message}`;
};

describe('the code of a machine that waits', () => {
  test('brings back what went into it', () => {
    const parts = fc.record({
      secret: fc.uint8Array({ minLength: 16, maxLength: 16 }),
      port: fc.integer({ min: 1, max: 65_535 }),
      addresses: fc.array(fc.ipV4(), { minLength: 1, maxLength: 16 }),
    });
    fc.assert(
      fc.property(parts, (some) => {
        expect(parseListeningCode(encodeListeningCode(some))).toEqual({ ok: true, value: some });
      }),
    );
  });

  test('is one word for a shell, and may be broken over lines', () => {
    expect(code).toMatch(/^LWL1-[\w-]+$/);
    expect(parseListeningCode(`  ${code.slice(0, 30)}\n ${code.slice(30)}\n`)).toEqual({ ok: true, value: example });
  });

  test('with any one character wrong or missing is refused in a sentence', () => {
    const position = fc.integer({ min: 'LWL1-'.length, max: code.length - 1 });
    const letter = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');
    fc.assert(
      fc.property(position, letter, (at, other) => {
        fc.pre(code[at] !== other);
        for (const text of [code.slice(0, at) + other + code.slice(at + 1), code.slice(0, at)]) {
          expect(refusal(text)).toMatch(/^invalid-argument: This code is mistyped or not whole/);
        }
      }),
    );
  });

  test('is told from a code to join with, in both directions, and from one of a newer Labwatch', () => {
    expect(refusal('LW1-AAAA')).toMatch(/a code to join with: run `labwatch worker join`/);
    expect(parsePairingCode(code)).toMatchObject({
      error: { code: 'invalid-argument', message: expect.stringContaining('`labwatch workers dial`') },
    });
    expect(refusal('LWL2-AAAA')).toContain('newer Labwatch');
    for (const text of ['', 'hello', 'https://example.org']) expect(refusal(text)).toContain('one begins with LWL1-');
  });
});
