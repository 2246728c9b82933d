/**
 * The home of the agent that runs the local worker's tasks, as the app keeps it: whom the agent serves, as who, and where.
 * The app writes it before it starts the agent, and again whenever it listens elsewhere; a running agent reads it before
 * each try.
 */

import type { WorkerId } from '../../core/fleet/worker.ts';
import { ok, type Result } from '../../core/result.ts';
import { NO_LIMITS } from '../../core/tasks/terms.ts';
import { toBase64Url } from '../../shared/protocol/base64url.ts';
import { openAgentKey } from '../transport/agent-key.ts';
import { homeAt, prepareHome } from './home.ts';
import { writeTrust } from './trust.ts';

export interface LocalAgentOptions {
  /** The agent's home; made where it is missing. */
  readonly folder: string;
  readonly workerId: WorkerId;
  readonly name: string;
  /** SHA-256 of the coordinator's public key. */
  readonly fingerprint: Uint8Array;
  /** Where the coordinator listens on this machine. */
  readonly address: string;
  readonly port: number;
  readonly nowMs: number;
}

export interface LocalAgentHome {
  /** By which the coordinator knows the agent: Ed25519, SPKI, DER, base64url. */
  readonly publicKey: string;
  /** Of the agent's program, behind its file. */
  readonly words: readonly string[];
}

/** Fails as `prepareHome`, `openAgentKey` and `writeTrust` do. */
export function writeLocalAgent(options: LocalAgentOptions): Result<LocalAgentHome> {
  const { folder, workerId, name, address, port } = options;
  const home = homeAt(folder, {});
  const prepared = prepareHome(home);
  if (!prepared.ok) return prepared;
  const key = openAgentKey(home.folder);
  if (!key.ok) return key;
  const written = writeTrust(home, {
    ...{ workerId, name, level: 'standard', tasks: NO_LIMITS },
    fingerprint: toBase64Url(options.fingerprint),
    proven: { addresses: [address], port },
    places: [],
    listening: null,
    pairedAtMs: options.nowMs,
    clockDifferenceMs: 0,
  });
  if (!written.ok) return written;
  return ok({ publicKey: toBase64Url(key.value.publicKey), words: ['local', '--home', home.folder] });
}
