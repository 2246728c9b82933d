/**
 * The code that a person carries from the coordinator to a new worker: whom to trust, where to find it, and the secret
 * that lets the worker in once.
 *
 * `LW1-` and, in base64url: fingerprint (32 bytes), secret (16), port (2), number of addresses (1), each address as its
 * kind (1) and its bytes, and the first four bytes of the SHA-256 of all before.
 */
import { fail, ok, type Result } from '../../core/result.ts';
import { type CodePlace, placeBytes, placeIn, sealed, unsealed } from './code-bytes.ts';

const PREFIX = 'LW1-';
const FINGERPRINT_BYTES = 32;
const SECRET_BYTES = 16;
const CODE_AGAIN = 'Copy the whole code from `labwatch workers add`.';

export interface PairingCode extends CodePlace {
  /** SHA-256 of the coordinator's public key. */
  readonly fingerprint: Uint8Array;
  /** 16 random bytes. */
  readonly secret: Uint8Array;
}

/** Throws for parts that no code can hold: a bug of the caller. */
export function encodePairingCode({ fingerprint, secret, ...place }: PairingCode): string {
  if (fingerprint.length !== FINGERPRINT_BYTES) throw new Error('A fingerprint has 32 bytes.');
  if (secret.length !== SECRET_BYTES) throw new Error('The secret of a code has 16 bytes.');
  return sealed(PREFIX, Buffer.from([...fingerprint, ...secret, ...placeBytes(place)]));
}

/** White space does not matter, so that a code broken over two lines is still one. `invalid-argument` else. */
export function parsePairingCode(text: string): Result<PairingCode> {
  const code = text.replaceAll(/\s+/g, '');
  if (/^LW([2-9]|\d\d+)-/.test(code)) {
    return fail('invalid-argument', 'This code comes from a newer Labwatch. Update Labwatch on this machine.');
  }
  if (/^LWL\d/.test(code)) {
    return fail(
      'invalid-argument',
      'This is the code of a machine that waits: take it to where Labwatch runs, with `labwatch workers dial`.',
    );
  }
  if (!code.startsWith(PREFIX)) {
    return fail('invalid-argument', `This is not a pairing code; one begins with ${PREFIX}. ${CODE_AGAIN}`);
  }
  const parsed = partsOf(unsealed(PREFIX, code));
  if (parsed === null) return fail('invalid-argument', `This code is mistyped or not whole. ${CODE_AGAIN}`);
  return ok(parsed);
}

function partsOf(content: Buffer | null): PairingCode | null {
  const placeAt = FINGERPRINT_BYTES + SECRET_BYTES;
  const place = content === null ? null : placeIn(content.subarray(placeAt));
  if (content === null || place === null) return null;
  return {
    fingerprint: new Uint8Array(content.subarray(0, FINGERPRINT_BYTES)),
    secret: new Uint8Array(content.subarray(FINGERPRINT_BYTES, placeAt)),
    ...place,
  };
}
