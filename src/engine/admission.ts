/** Who may come in: a worker whose key is pinned, or a machine that knows the secret of a code that still holds. */
import type { DialPlace } from '../core/fleet/dial-place.ts';
import type { WorkerId } from '../core/fleet/worker.ts';
import type { Clock } from '../core/time.ts';
import { fromBase64Url } from '../shared/protocol/base64url.ts';
import type { Refusal, RefusalCode } from '../shared/protocol/contract.ts';
import type { Admission, AgentClaim } from './coordinator-handshake.ts';
import type { Cryptography, EnrolledWorker, Enrolment, LastSeen, Store } from './ports.ts';

export interface AdmissionOptions {
  readonly store: Pick<Store, 'invitation' | 'enrol' | 'isRemovedKey'>;
  readonly cryptography: Pick<Cryptography, 'randomBytes'>;
  readonly clock: Clock;
  readonly find: (workerId: WorkerId) => EnrolledWorker | undefined;
  readonly localAgent: LocalAgent | null;
}

/** The agent that runs the tasks of the local worker, under that worker's id. */
export interface LocalAgent {
  readonly workerId: WorkerId;
  /** Ed25519, SPKI, DER, base64url. */
  readonly publicKey: string;
}

/** Whom this side dialled, and why. */
export type Dialling =
  /** A machine that gave out a code: it comes in as a worker that is dialled at `place` from then on. */
  | { readonly kind: 'code'; readonly secret: Uint8Array; readonly place: DialPlace }
  /** A worker that was enrolled so, and nobody else. */
  | { readonly kind: 'worker'; readonly workerId: WorkerId };

/** Decides on a claim whose key is proved; `dialling` is null for an agent that dialled. Never rejects. */
export function createAdmission(
  options: AdmissionOptions,
): (claim: AgentClaim, dialling: Dialling | null) => Promise<Admission> {
  const { store, cryptography, clock, find, localAgent } = options;

  async function admitEnrolled(claim: AgentClaim, workerId: WorkerId): Promise<Admission> {
    const worker = find(workerId);
    const publicKey = worker?.isLocal ? localAgent?.publicKey : worker?.remote?.publicKey;
    if (worker !== undefined && publicKey === claim.publicKey) return { kind: 'admitted', worker, isNew: false };
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
    return enrol(claim, { invitationId: as.invitationId, dialledAt: null });
  }

  /** The secret is the machine's own: whoever was dialled with it and knows it is that machine. */
  async function admitDialled(claim: AgentClaim, { secret, place }: Extract<Dialling, { kind: 'code' }>) {
    if (claim.as.kind !== 'invited' || !claim.as.knows(secret)) return refused('bad-proof');
    return enrol(claim, { invitationId: null, dialledAt: place });
  }

  async function enrol(claim: AgentClaim, by: Pick<Enrolment, 'invitationId' | 'dialledAt'>): Promise<Admission> {
    const enrolled = await store.enrol({
      ...by,
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
        return refused(await whyNotPermitted(claim, by.invitationId));
      default:
        return unavailable(enrolled.error.message);
    }
  }

  async function whyNotPermitted(claim: AgentClaim, invitationId: string | null): Promise<FinalCode> {
    const removed = await store.isRemovedKey(claim.publicKey);
    if (invitationId === null || (removed.ok && removed.value)) return 'removed';
    const invitation = await store.invitation(invitationId);
    return invitation.ok && invitation.value?.usedAtMs != null ? 'used-code' : 'expired-code';
  }

  return async (claim, dialling) => {
    const { as } = claim;
    if (as.kind === 'invited') {
      if (dialling === null) return admitInvited(claim, as);
      // Enrolled, and its link broke before it heard so: only its code can tell that it is that machine.
      return dialling.kind === 'code' ? admitDialled(claim, dialling) : unavailable('Dial it with its code once more.');
    }
    const isAnother = dialling?.kind === 'worker' && dialling.workerId !== as.workerId;
    return isAnother ? unavailable('Another worker was looked for here.') : admitEnrolled(claim, as.workerId);
  };
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
