/**
 * Who this coordinator is: a key, and a certificate around it, in two files of the data folder.
 *
 * Agents pin the key. So a certificate that is lost is made again without anybody noticing; a key that is lost takes all
 * trust with it, and is never replaced in silence.
 */
import { type KeyObject, X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from '../../core/result.ts';
import type { SigningKey } from '../../engine/ports.ts';
import { selfSignedCertificate } from './certificate.ts';
import { sha256, signingKeyOf, spkiOf } from './cryptography.ts';
import { openKeyFile, pemOf } from './key-file.ts';
import { createPrivateFile, readPrivateFile } from './private-file.ts';

export const COORDINATOR_KEY_FILE = 'coordinator-key.pem';
const CERTIFICATE_FILE = 'coordinator-cert.pem';

export interface Identity {
  readonly key: SigningKey;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  /** SHA-256 of the public key (SPKI, DER): what agents pin, and `curl --pinnedpubkey`. */
  readonly fingerprint: Uint8Array;
}

/**
 * Opens the identity in `folder`, which is there; makes it on first use, files of mode 0600, each whole or not at all.
 *
 * Fails with `not-permitted` and the command that mends it where a file is not this user's alone, and with `storage` and
 * the way out where one is damaged, or the key is gone while its certificate is still there.
 */
export async function openIdentity(folder: string): Promise<Result<Identity>> {
  const keyPath = join(folder, COORDINATOR_KEY_FILE);
  const certificatePath = join(folder, CERTIFICATE_FILE);
  // The certificate is looked for first: whoever makes both makes the key before it.
  const stored = readPrivateFile(certificatePath);
  if (!stored.ok) return stored;
  if (stored.value !== null && !existsSync(keyPath)) return keyIsGone(keyPath, certificatePath);
  const key = openKeyFile({
    path: keyPath,
    kind: 'p256',
    wayOut: `Bring it back from a backup. Without one, remove it and ${certificatePath}: then every worker has to join again.`,
  });
  if (!key.ok) return key;
  const certificate = stored.value ?? (await newCertificate(certificatePath, key.value));
  if (typeof certificate !== 'string') return certificate;
  if (!isCertificateOf(certificate, key.value)) return certificateIsDamaged(certificatePath);
  const signingKey = signingKeyOf(key.value);
  return ok({
    key: signingKey,
    certificatePem: certificate,
    privateKeyPem: pemOf(key.value),
    fingerprint: sha256(signingKey.publicKey),
  });
}

/** The text that is on disk afterwards, ours or that of a process that was faster. */
async function newCertificate(path: string, key: KeyObject): Promise<string | ReturnType<typeof fail>> {
  const made = createPrivateFile(path, await selfSignedCertificate(key));
  if (!made.ok) return made;
  const kept = readPrivateFile(path);
  return kept.ok ? (kept.value ?? '') : kept;
}

function isCertificateOf(pem: string, key: KeyObject): boolean {
  try {
    return Buffer.from(spkiOf(new X509Certificate(pem).publicKey)).equals(spkiOf(key));
  } catch {
    return false;
  }
}

function keyIsGone(keyPath: string, certificatePath: string) {
  return fail(
    'storage',
    `${keyPath} is gone, though its certificate is still there. Bring it back from a backup. Without one, remove ` +
      `${certificatePath}: then every worker has to join again.`,
  );
}

function certificateIsDamaged(path: string) {
  return fail(
    'storage',
    `${path} is damaged, or belongs to another key. Remove it: it is made again, and no worker notices.`,
  );
}
