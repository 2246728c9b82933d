/**
 * Everything that links to other machines take: the identity, the coordinator, the encrypted listener. Imported only by
 * `import()`, when the first worker is invited or known: certificates and sockets cost memory that a lone machine needs not.
 */
import { ok, type Result } from '../core/result.ts';
import { type Coordinator, type CoordinatorOptions, createCoordinator } from '../engine/coordinator.ts';
import type { EnrolledWorker, LinkListener } from '../engine/ports.ts';
import { networkInterfaces } from '../node/transport/addresses.ts';
import { nodeCryptography } from '../node/transport/cryptography.ts';
import { openIdentity } from '../node/transport/identity.ts';
import { parseListeningCode } from '../node/transport/listening-code.ts';
import { encodePairingCode } from '../node/transport/pairing-code.ts';
import { listenForLinks } from '../node/transport/server.ts';
import { readAgentFile } from './agent-file.ts';
import { createDialler } from './dialler.ts';
import type { Place } from './listening.ts';

export interface LinkParts {
  readonly coordinator: Coordinator;
  /** SHA-256 of this coordinator's public key. */
  readonly fingerprint: Uint8Array;
  listen(place: Place): Promise<Result<LinkListener>>;
  /** Brings in the machine that waits with this code. */
  dial(code: string): Promise<Result<EnrolledWorker>>;
  dispose(): Promise<void>;
  codeFor(secret: string, reachable: { readonly addresses: readonly string[]; readonly port: number }): string;
}

/** Opens the identity in `dataDir`, or makes it. Fails as `openIdentity` does. */
export async function openLinkParts(
  dataDir: string,
  options: Omit<CoordinatorOptions, 'key' | 'cryptography' | 'hasNetwork' | 'agentFile'>,
): Promise<Result<LinkParts>> {
  const opened = await openIdentity(dataDir);
  if (!opened.ok) return opened;
  const identity = opened.value;
  const coordinator = createCoordinator({
    ...options,
    key: identity.key,
    cryptography: nodeCryptography,
    agentFile: readAgentFile,
    hasNetwork: () => networkInterfaces().length > 0,
  });
  const dialler = createDialler({
    ...{ identity, coordinator, random: Math.random },
    ...{ clock: options.clock, timers: options.timers, log: options.log },
    isEnrolled: (workerId) => options.monitor.worker(workerId) !== undefined,
  });
  for (const worker of options.workers) dialler.keep(worker);
  return ok({
    coordinator,
    fingerprint: identity.fingerprint,
    listen: (place) => listenForLinks({ ...place, identity, agentFile: readAgentFile, onLink: coordinator.accept }),
    async dial(code) {
      const parsed = parseListeningCode(code);
      return parsed.ok ? dialler.pair(parsed.value) : parsed;
    },
    async dispose() {
      void dialler.dispose();
      await coordinator.dispose();
    },
    codeFor: (secret, reachable) =>
      encodePairingCode({ ...reachable, fingerprint: identity.fingerprint, secret: Buffer.from(secret, 'base64url') }),
  });
}
