/** What a person carries to a new machine: the code, and the one line that fetches the agent and joins with it. */
import type { InvitationView, ListenerView } from '../core/fleet/listener.ts';
import type { Invitation } from '../engine/ports.ts';

/** Letters that mean nothing to a shell: whatever a machine calls itself, the line stays the line that was meant. */
const SAFE_ADDRESS = /^[A-Za-z0-9.:_-]+$/;
/** An address that does not answer is left for the next. */
const CONNECT_LIMIT_SECONDS = 5;

export interface InvitationParts {
  readonly invitation: Pick<Invitation, 'invitationId' | 'expiresAtMs'>;
  readonly code: string;
  /** SHA-256 of the coordinator's public key (SPKI). */
  readonly fingerprint: Uint8Array;
  readonly addresses: readonly string[];
  readonly port: number;
  readonly listener: ListenerView;
}

export function invitationView(parts: InvitationParts): InvitationView {
  const { invitation, code, listener } = parts;
  return {
    invitationId: invitation.invitationId,
    code,
    command: joinCommand(parts),
    shortCommand: `labwatch worker join ${code}`,
    expiresAtMs: invitation.expiresAtMs,
    listener,
  };
}

/**
 * For any POSIX shell with Node 20 and curl. curl takes the agent only from whoever holds the pinned key
 * (`--pinnedpubkey`; `-k`, because the certificate is nobody's but ours), so a line that reaches a wrong machine runs nothing.
 */
function joinCommand({ code, fingerprint, addresses, port }: InvitationParts): string {
  const pin = `'sha256//${Buffer.from(fingerprint).toString('base64')}'`;
  const fetch = (limit: string, url: string) =>
    `curl -fsSk${limit} --pinnedpubkey ${pin} ${url} -o ~/.labwatch-agent/agent.mjs`;
  const hosts = addresses.filter((address) => SAFE_ADDRESS.test(address)).map(urlHost);
  const [only = '127.0.0.1'] = hosts;
  const fetchAny =
    hosts.length < 2
      ? fetch('', quoted(`https://${only}:${port}/agent.mjs`))
      : `for h in ${hosts.map(quoted).join(' ')}; do ` +
        `${fetch(` --connect-timeout ${CONNECT_LIMIT_SECONDS}`, `"https://$\{h}:${port}/agent.mjs"`)} && break; done`;
  return ['mkdir -p -m 700 ~/.labwatch-agent', fetchAny, `node ~/.labwatch-agent/agent.mjs join ${code}`].join(' && ');
}

function urlHost(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

/** Brackets are patterns to a shell, and an error to one that finds nothing to match. */
function quoted(word: string): string {
  return word.includes('[') ? `'${word}'` : word;
}
