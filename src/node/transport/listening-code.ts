/**
 * The code that a person carries from a machine that waits to the coordinator that shall dial it: where it waits, and the
 * secret by which the two know each other. Neither side's key is in it: both prove theirs with the secret.
 *
 * `LWL1-` and, in base64url: secret (16 bytes), port (2), number of addresses (1), each address as its kind (1) and its
 * bytes, and the first four bytes of the SHA-256 of all before.
 */
import { fail, ok, type Result } from '../../core/result.ts';
import { type CodePlace, placeBytes, placeIn, sealed, unsealed } from './code-bytes.ts';

const PREFIX = 'LWL1-';
const SECRET_BYTES = 16;
const CODE_AGAIN = 'Copy the whole code from `labwatch worker listen`.';

export interface ListeningCode extends CodePlace {
  /** 16 random bytes. */
  readonly secret: Uint8Array;
}

/** Throws for parts that no code can hold: a bug of the caller. */
export function encodeListeningCode({ secret, ...place }: ListeningCode): string {
  if (secret.length !== SECRET_BYTES) throw new Error('The secret of a code has 16 bytes.');
  return sealed(PREFIX, Buffer.from([...secret, ...placeBytes(place)]));
}

/** White space does not matter. `invalid-argument` else, with what to do. */
export function parseListeningCode(text: string): Result<ListeningCode> {
  const code = text.replaceAll(/\s+/g, '');
  if (/^LWL([2-9]|\d\d+)-/.test(code)) {
    return fail('invalid-argument', 'This code comes from a newer Labwatch. Update Labwatch on this machine.');
  }
  if (/^LW\d/.test(code)) {
    return fail(
      'invalid-argument',
      'This is a code to join with: run `labwatch worker join` with it on the other machine.',
    );
  }
  if (!code.startsWith(PREFIX)) {
    return fail(
      'invalid-argument',
      `This is not the code of a machine that waits; one begins with ${PREFIX}. ${CODE_AGAIN}`,
    );
  }
  const content = unsealed(PREFIX, code);
  const place = content === null ? null : placeIn(content.subarray(SECRET_BYTES));
  if (content === null || place === null) {
    return fail('invalid-argument', `This code is mistyped or not whole. ${CODE_AGAIN}`);
  }
  return ok({ secret: new Uint8Array(content.subarray(0, SECRET_BYTES)), ...place });
}
