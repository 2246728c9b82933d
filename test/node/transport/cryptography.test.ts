import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { nodeCryptography, signingKeyOf, spkiOf } from '../../../src/node/transport/cryptography.ts';

const { randomBytes, sha256, hmacSha256, isEqual, verify } = nodeCryptography;
const bytes = (text: string) => new TextEncoder().encode(text);
const hex = (value: Uint8Array) => Buffer.from(value).toString('hex');

const keys: Readonly<Record<string, KeyObject>> = {
  Ed25519: generateKeyPairSync('ed25519').privateKey,
  'P-256': generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey,
};

describe('the cryptography of a link', () => {
  test.each(Object.entries(keys))(
    'a signature by an %s key holds for its bytes, its key and nothing else',
    (_, key) => {
      const signer = signingKeyOf(key);
      const signature = signer.sign(bytes('what was said'));
      expect(verify(signer.publicKey, bytes('what was said'), signature)).toBe(true);
      expect(verify(signer.publicKey, bytes('what was sad'), signature)).toBe(false);
      expect(verify(signer.publicKey, bytes('what was said'), signature.with(8, (signature[8] ?? 0) ^ 1))).toBe(false);
      for (const other of Object.values(keys).filter((one) => one !== key)) {
        expect(verify(spkiOf(other), bytes('what was said'), signature)).toBe(false);
      }
    },
  );

  test('what is no key or no signature is false, never an error', () => {
    const signer = signingKeyOf(keys.Ed25519 as KeyObject);
    const signature = signer.sign(bytes('x'));
    for (const key of [new Uint8Array(0), new Uint8Array(44), randomBytes(300)]) {
      expect(verify(key, bytes('x'), signature)).toBe(false);
    }
    for (const wrong of [new Uint8Array(0), new Uint8Array(64), randomBytes(63)]) {
      expect(verify(signer.publicKey, bytes('x'), wrong)).toBe(false);
    }
  });

  test('keys of other kinds are refused, however well they sign', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey;
    const p384 = generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).privateKey;
    for (const key of [rsa, p384]) {
      expect(() => signingKeyOf(key)).toThrow();
      expect(verify(spkiOf(key), bytes('x'), new Uint8Array(64))).toBe(false);
    }
  });

  test('the same key in other bytes is no key: a removed worker cannot come back in disguise', () => {
    for (const key of Object.values(keys)) {
      const signer = signingKeyOf(key);
      const signature = signer.sign(bytes('x'));
      const withTail = new Uint8Array([...signer.publicKey, 0]);
      // The outer length in two bytes where one is enough: BER, not DER.
      const longLength = new Uint8Array([0x30, 0x81, ...signer.publicKey.slice(1)]);
      expect(verify(withTail, bytes('x'), signature)).toBe(false);
      expect(verify(longLength, bytes('x'), signature)).toBe(false);
    }
  });

  test('digests are those of the standards', () => {
    // FIPS 180-4, and RFC 4231 test case 2.
    expect(hex(sha256(bytes('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(hex(hmacSha256(bytes('Jefe'), bytes('what do ya want for nothing?')))).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
  });

  test('random bytes are as many as wanted and never the same; equal is equal in length and content', () => {
    expect(randomBytes(32)).toHaveLength(32);
    expect(hex(randomBytes(32))).not.toBe(hex(randomBytes(32)));
    expect(isEqual(bytes('same'), bytes('same'))).toBe(true);
    expect(isEqual(bytes('same'), bytes('sane'))).toBe(false);
    expect(isEqual(bytes('same'), bytes('sames'))).toBe(false);
  });
});
