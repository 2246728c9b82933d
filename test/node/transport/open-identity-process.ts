/** Opens the identity of a folder, says which it is and whether the certificate library was loaded for it. */
import { createHash } from 'node:crypto';
import { openIdentity } from '../../../src/node/transport/identity.ts';

const opened = await openIdentity(process.argv[2] ?? '');
const said = opened.ok
  ? `${Buffer.from(opened.value.fingerprint).toString('base64')} ${createHash('sha256').update(opened.value.certificatePem).digest('base64')}`
  : opened.error.message;
// reflect-metadata leaves its mark on the global; it is loaded together with the library.
process.send?.({ said, hasLoadedLibrary: 'metadata' in Reflect }, () => process.disconnect());
