import { execFileSync, fork } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openAgentKey } from '../../../src/node/transport/agent-key.ts';
import { nodeCryptography } from '../../../src/node/transport/cryptography.ts';
import { openIdentity } from '../../../src/node/transport/identity.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { unwrapped } from './transport.ts';

const KEY = 'coordinator-key.pem';
const CERTIFICATE = 'coordinator-cert.pem';
const isRoot = process.getuid?.() === 0;
const bytes = new TextEncoder().encode('what was said');
const modeOf = (path: string) => statSync(path).mode & 0o777;

interface Opened {
  /** Fingerprint and certificate, or the failure's sentence. */
  readonly said: string;
  readonly hasLoadedLibrary: boolean;
}

function openInProcess(folder: string): Promise<Opened> {
  return new Promise((resolve) => {
    fork(join(import.meta.dirname, 'open-identity-process.ts'), [folder]).once('message', (opened) =>
      resolve(opened as Opened),
    );
  });
}

describe("the coordinator's identity", () => {
  test('is made on first use, for this user alone, and is the same ever after', async () => {
    const folder = tempFolder();
    const first = unwrapped(await openIdentity(folder));
    const again = unwrapped(await openIdentity(folder));
    expect(again.fingerprint).toEqual(first.fingerprint);
    expect(again.certificatePem).toBe(first.certificatePem);
    expect(readdirSync(folder).sort()).toEqual([CERTIFICATE, KEY]);
    expect([KEY, CERTIFICATE].map((name) => modeOf(join(folder, name)))).toEqual([0o600, 0o600]);
    const signature = first.key.sign(bytes);
    expect(nodeCryptography.verify(again.key.publicKey, bytes, signature)).toBe(true);
  });

  test('has a self-signed P-256 certificate without names of this machine, whatever the clock says', async () => {
    const { certificatePem, fingerprint } = unwrapped(await openIdentity(tempFolder()));
    const certificate = new X509Certificate(certificatePem);
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.subject).toBe('CN=Labwatch');
    expect(certificate.subjectAltName).toBeUndefined();
    expect([new Date(certificate.validFrom).getUTCFullYear(), new Date(certificate.validTo).getUTCFullYear()]).toEqual([
      2000, 9999,
    ]);
    const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
    expect(Buffer.from(fingerprint)).toEqual(createHash('sha256').update(spki).digest());
  });

  test('is another one in another folder', async () => {
    const [one, other] = [unwrapped(await openIdentity(tempFolder())), unwrapped(await openIdentity(tempFolder()))];
    expect(one.fingerprint).not.toEqual(other.fingerprint);
  });

  test('is one and the same for processes that make it at the same moment', async () => {
    const folder = tempFolder();
    const opened = await Promise.all(Array.from({ length: 4 }, () => openInProcess(folder)));
    expect(new Set(opened.map(({ said }) => said)).size).toBe(1);
    expect(opened[0]?.said).toMatch(/^[\w+/]{43}= [\w+/]{43}=$/);
    expect(readdirSync(folder).sort()).toEqual([CERTIFICATE, KEY]);
  });

  test('loads the certificate library on the day it is made, and never again', async () => {
    const folder = tempFolder();
    const [made, opened] = [await openInProcess(folder), await openInProcess(folder)];
    expect([made.hasLoadedLibrary, opened.hasLoadedLibrary]).toEqual([true, false]);
    expect(opened.said).toBe(made.said);
  });

  test.each([KEY, CERTIFICATE])('is refused where others may open %s, and the command said mends it', async (name) => {
    const folder = tempFolder();
    await openIdentity(folder);
    chmodSync(join(folder, name), 0o640);
    const refused = await openIdentity(folder);
    expect(refused).toMatchObject({ ok: false, error: { code: 'not-permitted' } });
    const message = refused.ok ? '' : refused.error.message;
    expect(message).toContain('mode 640');
    execFileSync('sh', ['-c', message.slice(message.indexOf('chmod'))]);
    expect((await openIdentity(folder)).ok).toBe(true);
  });

  test.runIf(isRoot)('is refused where a file belongs to another user, and the command said mends it', async () => {
    const folder = tempFolder();
    await openIdentity(folder);
    chownSync(join(folder, KEY), 65_534, 65_534);
    const refused = await openIdentity(folder);
    expect(refused).toMatchObject({ ok: false, error: { code: 'not-permitted' } });
    const message = refused.ok ? '' : refused.error.message;
    execFileSync('sh', ['-c', message.slice(message.indexOf('sudo chown') + 'sudo '.length)]);
    expect((await openIdentity(folder)).ok).toBe(true);
  });

  test('that lost its certificate gets a new one around the same key', async () => {
    const folder = tempFolder();
    const before = unwrapped(await openIdentity(folder));
    rmSync(join(folder, CERTIFICATE));
    const after = unwrapped(await openIdentity(folder));
    expect(after.fingerprint).toEqual(before.fingerprint);
    expect(after.certificatePem).not.toBe(before.certificatePem);
  });

  test('that lost its key is not replaced in silence', async () => {
    const folder = tempFolder();
    await openIdentity(folder);
    rmSync(join(folder, KEY));
    expect(await openIdentity(folder)).toMatchObject({
      ok: false,
      error: { code: 'storage', message: expect.stringMatching(/coordinator-key\.pem is gone.*join again/) },
    });
    expect(readdirSync(folder)).toEqual([CERTIFICATE]);
  });

  test.each([
    ['empty', 0],
    ['torn', 100],
  ])('whose key is %s says so, with the way out, and is left as it is', async (_, length) => {
    const folder = tempFolder();
    await openIdentity(folder);
    truncateSync(join(folder, KEY), length);
    expect(await openIdentity(folder)).toMatchObject({
      ok: false,
      error: { code: 'storage', message: expect.stringMatching(/damaged.*backup/) },
    });
    expect(statSync(join(folder, KEY)).size).toBe(length);
  });

  test('whose certificate is torn, or of another key, says so and that removing it is safe', async () => {
    const [folder, other] = [tempFolder(), tempFolder()];
    const { fingerprint } = unwrapped(await openIdentity(folder));
    await openIdentity(other);
    const path = join(folder, CERTIFICATE);
    for (const text of ['', '-----BEGIN CERTIFICATE-----\nMIIB', readFileSync(join(other, CERTIFICATE), 'utf8')]) {
      writeFileSync(path, text);
      expect(await openIdentity(folder)).toMatchObject({
        ok: false,
        error: { code: 'storage', message: expect.stringContaining('Remove it') },
      });
    }
    rmSync(path);
    expect(unwrapped(await openIdentity(folder)).fingerprint).toEqual(fingerprint);
  });

  test('whose key is of another kind is refused', async () => {
    const [folder, agent] = [tempFolder(), tempFolder()];
    openAgentKey(agent);
    writeFileSync(join(folder, KEY), readFileSync(join(agent, 'agent-key.pem')), { mode: 0o600 });
    expect(await openIdentity(folder)).toMatchObject({ ok: false, error: { code: 'storage' } });
  });

  test('fails with a sentence in a folder that is not there', async () => {
    const failed = await openIdentity(join(tempFolder(), 'nowhere'));
    expect(failed).toMatchObject({ ok: false, error: { message: expect.stringMatching(/^Cannot make .*\.$/) } });
  });
});

describe("the agent's key", () => {
  test('is Ed25519, made on first use, for this user alone, and the same ever after', () => {
    const folder = tempFolder();
    const first = unwrapped(openAgentKey(folder));
    const again = unwrapped(openAgentKey(folder));
    expect(again.publicKey).toEqual(first.publicKey);
    // RFC 8410, 4: an Ed25519 key in SPKI has 44 bytes.
    expect(first.publicKey).toHaveLength(44);
    expect(nodeCryptography.verify(first.publicKey, bytes, again.sign(bytes))).toBe(true);
    expect(readdirSync(folder)).toEqual(['agent-key.pem']);
    expect(modeOf(join(folder, 'agent-key.pem'))).toBe(0o600);
  });

  test('is refused where others may read it, and says what to do where it is torn', () => {
    const folder = tempFolder();
    openAgentKey(folder);
    const path = join(folder, 'agent-key.pem');
    chmodSync(path, 0o604);
    expect(openAgentKey(folder)).toMatchObject({
      ok: false,
      error: { code: 'not-permitted', message: expect.stringContaining('chmod 600') },
    });
    chmodSync(path, 0o600);
    truncateSync(path, 60);
    expect(openAgentKey(folder)).toMatchObject({
      ok: false,
      error: { code: 'storage', message: expect.stringContaining('join again') },
    });
  });
});
