/** Who may come in: a worker whose key is pinned, or a machine that knows the secret of a code that still holds. */
import type { WorkerId } from '../core/fleet/worker.ts';
import type { Clock } from '../core/time.ts';
import { fromBase64Url } from '../shared/protocol/base64url.ts';
import type { Refusal, RefusalCode } from '../shared/protocol/contract.ts';
import type { Admission, AgentClaim } from './coordinator-handshake.ts';
import type { Cryptography, EnrolledWorker, LastSeen, Store } from './ports.ts';

export interface AdmissionOptions {
  readonly store: Pick<Store, 'invitation' | 'enrol' | 'isRemovedKey'>;
  readonly cryptography: Pick<Cryptography, 'randomBytes'>;
  readonly clock: Clock;
  readonly find: (workerId: WorkerId) => EnrolledWorker | undefined;
}

/** Decides on a claim whose key is proved. Never rejects. */
export function createAdmission(options: AdmissionOptions): (claim: AgentClaim) => Promise<Admission> {
  const { store, cryptography, clock, find } = options;

  async function admitEnrolled(claim: AgentClaim, workerId: WorkerId): Promise<Admission> {
    const worker = find(workerId);
    if (worker?.remote?.publicKey === claim.publicKey) return { kind: 'admitted', worker, isNew: false };
    const removed = await store.isRemovedKey(claim.publicKey);
    if (!removed.ok) return unavailable(removed.error.message);
    if (removed.value) return refused('removed');
    return refused(worker === undefined ? 'unknown-worker' : 'bad-proof');
  }

  async function admitInvited(
    claim: AgentClaim,
    as: Extract<AgentClaim['as'], { readonly kind: 'invited' }>,
  ): Promise<Admission> {
    const found = await store.invitation(as.invitationId);
    if (!found.ok) return unavailable(found.error.message);
    if (found.value === null) return refused('unknown-code');
    const secret = fromBase64Url(found.value.secret);
    // Only who knows the secret is told whether the code was used or has expired.
    if (secret === null || !as.knows(secret)) return refused('bad-proof');
    const enrolled = await store.enrol({
      invitationId: as.invitationId,
      workerId: newWorkerId(cryptography.randomBytes(16)),
      name: claim.hostName,
      publicKey: claim.publicKey,
      level: 'standard',
      lastSeen: lastSeenOf(claim, clock.nowMs()),
    });
    if (enrolled.ok) return { kind: 'admitted', worker: enrolled.value, isNew: true };
    switch (enrolled.error.code) {
      case 'not-found':
        return refused('unknown-code');
      case 'not-permitted':
        return refused(await whyNotPermitted(claim, as.invitationId));
      default:
        return unavailable(enrolled.error.message);
    }
  }

  async function whyNotPermitted(claim: AgentClaim, invitationId: string): Promise<FinalCode> {
    const removed = await store.isRemovedKey(claim.publicKey);
    if (removed.ok && removed.value) return 'removed';
    const invitation = await store.invitation(invitationId);
    return invitation.ok && invitation.value?.usedAtMs != null ? 'used-code' : 'expired-code';
  }

  return (claim) =>
    claim.as.kind === 'enrolled' ? admitEnrolled(claim, claim.as.workerId) : admitInvited(claim, claim.as);
}

export function lastSeenOf(claim: AgentClaim, atMs: number): LastSeen {
  const { address, agentVersion, platform, runsTasks } = claim;
  return { atMs, address, agentVersion, platform, runsTasks };
}

/** None of these gets better by trying again. */
type FinalCode = Exclude<RefusalCode, 'incompatible' | 'unavailable'>;

const WORDS: Readonly<Record<FinalCode, string>> = {
  'unknown-code': 'This code was not given out here. Make a new one where Labwatch runs: Add a worker.',
  'expired-code': 'This code has expired. Make a new one where Labwatch runs: Add a worker.',
  'used-code': 'This code was used by another machine. Make a new one where Labwatch runs: Add a worker.',
  'unknown-worker': 'The coordinator does not know this worker. Leave, then join again with a new code.',
  removed: 'This worker was removed. To bring it back: leave, then join again with a new code.',
  'bad-proof': 'The worker did not prove that it is who it says. Leave, then join again with a new code.',
};

function refused(code: FinalCode): Admission {
  return { kind: 'refused', code, message: WORDS[code], isFinal: true };
}

function unavailable(message: string): Admission {
  return { kind: 'refused', code: 'unavailable', message, isFinal: false };
}

/** The last word to a worker that is removed while it is linked, or that leaves. */
export const REMOVED: Refusal = { kind: 'refusal', code: 'removed', message: WORDS.removed, isFinal: true };

/** A UUID of version 4 from 16 random bytes (RFC 9562, 5.4). */
function newWorkerId(random: Uint8Array): WorkerId {
  const bytes = Uint8Array.from(random);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-') as WorkerId;
}
