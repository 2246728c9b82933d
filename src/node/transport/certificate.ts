/** The coordinator's certificate: a shell around its key, because TLS wants one. Nobody reads its names or its dates. */
import { createPublicKey, type KeyObject } from 'node:crypto';

/** RFC 5280, 4.1.2.5: the date for a certificate that does not expire. Agents trust the key, not a clock. */
const NEVER = new Date('9999-12-31T23:59:59Z');
const ALWAYS = new Date('2000-01-01T00:00:00Z');
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;

/** Self-signed, for a key on P-256; PEM. The library is loaded here, on the one day that a certificate is made. */
export async function selfSignedCertificate(privateKey: KeyObject): Promise<string> {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: 'CN=Labwatch',
      notBefore: ALWAYS,
      notAfter: NEVER,
      signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
      keys: await webKeys(privateKey),
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      ],
    },
    crypto,
  );
  return `${certificate.toString('pem')}\n`;
}

async function webKeys(privateKey: KeyObject): Promise<CryptoKeyPair> {
  const pkcs8 = new Uint8Array(privateKey.export({ type: 'pkcs8', format: 'der' }));
  const spki = new Uint8Array(createPublicKey(privateKey).export({ type: 'spki', format: 'der' }));
  return {
    privateKey: await crypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign']),
    publicKey: await crypto.subtle.importKey('spki', spki, ALGORITHM, true, ['verify']),
  };
}
