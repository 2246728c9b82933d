/** The name of a pairing code: tells which one it is and nothing of its secret. */
import { toBase64Url } from './base64url.ts';

const LABEL = new TextEncoder().encode('labwatch invitation');

/** 16 characters of base64url of SHA-256 of `"labwatch invitation"` and the secret. */
export function invitationIdOf(secret: Uint8Array, sha256: (bytes: Uint8Array) => Uint8Array): string {
  const bytes = new Uint8Array(LABEL.length + secret.length);
  bytes.set(LABEL);
  bytes.set(secret, LABEL.length);
  return toBase64Url(sha256(bytes)).slice(0, 16);
}
