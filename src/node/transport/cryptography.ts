/** The engine's public-key work, done with node:crypto: the same under OpenSSL (Node) and BoringSSL (Electron). */
import {
  createHash,
  createHmac,
  createPublicKey,
  type KeyObject,
  randomBytes,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import type { Cryptography, SigningKey } from '../../engine/ports.ts';

export type KeyKind = 'ed25519' | 'p256';

export const nodeCryptography: Cryptography = {
  randomBytes: (count) => new Uint8Array(randomBytes(count)),
  sha256,
  hmacSha256: (key, bytes) => new Uint8Array(createHmac('sha256', key).update(bytes).digest()),
  isEqual: (a, b) => a.length === b.length && timingSafeEqual(a, b),
  verify(publicKeySpki, bytes, signature) {
    try {
      const key = publicKeyFrom(publicKeySpki);
      const kind = key === null ? null : kindOf(key);
      return key !== null && kind !== null && verify(digestFor(kind), bytes, key, signature);
    } catch {
      return false;
    }
  },
};

export function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(bytes).digest());
}

/** The public key of a private or public one: SPKI, DER. */
export function spkiOf(key: KeyObject): Uint8Array {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }));
}

/** Null for a key that is neither Ed25519 nor on P-256. */
export function kindOf(key: KeyObject): KeyKind | null {
  if (key.asymmetricKeyType === 'ed25519') return 'ed25519';
  const isP256 = key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
  return isP256 ? 'p256' : null;
}

/** Throws for a key of another kind: a bug, for keys are checked where they are read. */
export function signingKeyOf(privateKey: KeyObject): SigningKey {
  const kind = kindOf(privateKey);
  if (kind === null) throw new Error('This key is neither Ed25519 nor on P-256.');
  return {
    publicKey: spkiOf(privateKey),
    sign: (bytes) => new Uint8Array(sign(digestFor(kind), bytes, privateKey)),
  };
}

/**
 * Only the one canonical encoding counts as this key. Else the owner of a removed key could write the same key in other
 * bytes and pass for somebody new.
 */
function publicKeyFrom(spki: Uint8Array): KeyObject | null {
  const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  return Buffer.from(spkiOf(key)).equals(spki) ? key : null;
}

/** Ed25519 hashes by itself (RFC 8032). */
function digestFor(kind: KeyKind): 'sha256' | null {
  return kind === 'p256' ? 'sha256' : null;
}
