/**
 * Everything that links to other machines take: the identity, the coordinator, the encrypted listener. Imported only by
 * `import()`, when the first worker is invited or known: certificates and sockets cost memory that a lone machine needs not.
 */
import { ok, type Result } from '../core/result.ts';
import { type Coordinator, type CoordinatorOptions, createCoordinator } from '../engine/coordinator.ts';
import type { LinkListener } from '../engine/ports.ts';
import { networkInterfaces } from '../node/transport/addresses.ts';
import { nodeCryptography } from '../node/transport/cryptography.ts';
import { openIdentity } from '../node/transport/identity.ts';
import { encodePairingCode } from '../node/transport/pairing-code.ts';
import { listenForLinks } from '../node/transport/server.ts';
import { readAgentFile } from './agent-file.ts';
import type { Place } from './listening.ts';

export interface LinkParts {
  readonly coordinator: Coordinator;
  /** SHA-256 of this coordinator's public key. */
  readonly fingerprint: Uint8Array;
  listen(place: Place): Promise<Result<LinkListener>>;
  codeFor(secret: string, reachable: { readonly addresses: readonly string[]; readonly port: number }): string;
}

/** Opens the identity in `dataDir`, or makes it. Fails as `openIdentity` does. */
export async function openLinkParts(
  dataDir: string,
  options: Omit<CoordinatorOptions, 'key' | 'cryptography' | 'hasNetwork'>,
): Promise<Result<LinkParts>> {
  const opened = await openIdentity(dataDir);
  if (!opened.ok) return opened;
  const identity = opened.value;
  const coordinator = createCoordinator({
    ...options,
    key: identity.key,
    cryptography: nodeCryptography,
    hasNetwork: () => networkInterfaces().length > 0,
  });
  return ok({
    coordinator,
    fingerprint: identity.fingerprint,
    listen: (place) => listenForLinks({ ...place, identity, agentFile: readAgentFile, onLink: coordinator.accept }),
    codeFor: (secret, reachable) =>
      encodePairingCode({ ...reachable, fingerprint: identity.fingerprint, secret: Buffer.from(secret, 'base64url') }),
  });
}
