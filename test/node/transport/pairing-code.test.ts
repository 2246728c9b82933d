import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodePairingCode, type PairingCode, parsePairingCode } from '../../../src/node/transport/pairing-code.ts';

const hostName = fc
  .array(fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,20}[a-z0-9])?$/), { minLength: 1, maxLength: 4 })
  .map((labels) => labels.join('.'));
// As Node itself writes them; what a code brings back is this form.
const ipv6 = fc.ipV6().map((address) => new URL(`http://[${address}]`).hostname.slice(1, -1));
const pairingCode: fc.Arbitrary<PairingCode> = fc.record({
  fingerprint: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  secret: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  port: fc.integer({ min: 1, max: 65_535 }),
  addresses: fc.array(fc.oneof(fc.ipV4(), ipv6, hostName), { minLength: 1, maxLength: 16 }),
});
const example: PairingCode = {
  fingerprint: new Uint8Array(32).fill(7),
  secret: new Uint8Array(16).fill(9),
  port: 7_461,
  addresses: ['192.168.1.5', 'fd00::5', 'rig-03.lab'],
};
const code = encodePairingCode(example);

describe('a pairing code', () => {
  test('brings back what went into it', () => {
    fc.assert(
      fc.property(pairingCode, (parts) => {
        expect(parsePairingCode(encodePairingCode(parts))).toEqual({ ok: true, value: parts });
      }),
    );
  });

  test('is one word for a shell, short enough for a line, and may be broken over lines', () => {
    expect(code).toMatch(/^LW1-[\w-]+$/);
    expect(code.length).toBeLessThan(130);
    expect(parsePairingCode(`  ${code.slice(0, 40)}\n ${code.slice(40)}\n`)).toEqual({ ok: true, value: example });
  });

  test('with any one character wrong, missing or doubled is refused in a sentence', () => {
    const position = fc.integer({ min: 'LW1-'.length, max: code.length - 1 });
    const letter = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');
    fc.assert(
      fc.property(position, letter, (at, other) => {
        fc.pre(code[at] !== other);
        const wrong = [
          code.slice(0, at) + other + code.slice(at + 1),
          code.slice(0, at) + code.slice(at + 1),
          code.slice(0, at) + other + code.slice(at),
          code.slice(0, at),
        ];
        for (const text of wrong) {
          expect(parsePairingCode(text)).toMatchObject({
            ok: false,
            error: { code: 'invalid-argument', message: expect.stringMatching(/mistyped or not whole/) },
          });
        }
      }),
    );
  });

  test('that is something else, or of a newer Labwatch, is named as that', () => {
    for (const text of ['', 'hello', 'lw1-abc', 'https://example.org']) {
      expect(parsePairingCode(text)).toMatchObject({
        ok: false,
        error: { code: 'invalid-argument', message: expect.stringContaining('not a pairing code') },
      });
    }
    expect(parsePairingCode('LW2-abc')).toMatchObject({
      ok: false,
      error: { code: 'invalid-argument', message: expect.stringContaining('newer Labwatch') },
    });
  });

  test('is never an error to read, whatever its text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.base64String().map((text) => `LW1-${text}`),
        ),
        (text) => {
          expect(parsePairingCode(text).ok).toBe(false);
        },
      ),
    );
  });

  test('is not made of parts that no code can hold', () => {
    for (const wrong of [
      { fingerprint: new Uint8Array(31) },
      { secret: new Uint8Array(15) },
      { port: 0 },
      { port: 65_536 },
      { addresses: [] },
      { addresses: Array.from({ length: 17 }, () => 'a') },
      { addresses: ['a b'] },
      { addresses: ['fe80::1%eth0'] },
      { addresses: ['a'.repeat(254)] },
    ]) {
      expect(() => encodePairingCode({ ...example, ...wrong })).toThrow();
    }
  });
});
