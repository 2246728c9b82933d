/** A private key in a file of its own (PKCS #8, PEM): made on first use, the same ever after. */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { fail, ok, type Result } from '../../core/result.ts';
import { type KeyKind, kindOf } from './cryptography.ts';
import { createPrivateFile, readPrivateFile } from './private-file.ts';

export interface KeyFileOptions {
  readonly path: string;
  readonly kind: KeyKind;
  /** A sentence: what to do when the file is damaged. */
  readonly wayOut: string;
}

/** Fails as `private-file` does, and with `storage` and the way out where the file holds no whole key of this kind. */
export function openKeyFile({ path, kind, wayOut }: KeyFileOptions): Result<KeyObject> {
  const stored = readPrivateFile(path);
  if (!stored.ok) return stored;
  if (stored.value !== null) return keyFrom(stored.value, { path, kind, wayOut });
  const made = createPrivateFile(path, newKeyPem(kind));
  if (!made.ok) return made;
  // What is on disk counts, not what was made: another process may have been faster.
  const kept = readPrivateFile(path);
  return kept.ok ? keyFrom(kept.value ?? '', { path, kind, wayOut }) : kept;
}

export function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }) as string;
}

function newKeyPem(kind: KeyKind): string {
  const { privateKey } =
    kind === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return pemOf(privateKey);
}

function keyFrom(pem: string, { path, kind, wayOut }: KeyFileOptions): Result<KeyObject> {
  try {
    const key = createPrivateKey(pem);
    if (kindOf(key) === kind) return ok(key);
  } catch {
    // Said below: whatever the parser disliked, the file holds no key.
  }
  return fail('storage', `${path} is damaged: it holds no whole key. ${wayOut}`);
}
