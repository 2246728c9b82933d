/**
 * The agent's side of a meeting: makes sure that the coordinator is the pinned one, then proves who it is itself.
 *
 * Nothing of the code or the key's owner is said before the coordinator has proved that it holds the pinned key, on this
 * very connection.
 */
import type { WorkerId } from '../core/fleet/worker.ts';
import { type Failure, fail, type Result } from '../core/result.ts';
import type { TaskTerms } from '../core/tasks/terms.ts';
import { fromBase64Url, toBase64Url } from '../shared/protocol/base64url.ts';
import {
  type Challenge,
  type FromAgent,
  LIMITS,
  PROTOCOL_VERSION,
  type Proof,
  type Refusal,
  type Welcome,
} from '../shared/protocol/contract.ts';
import { parseFromCoordinator, type Understood } from '../shared/protocol/coordinator-messages.ts';
import { invitationIdOf } from '../shared/protocol/invitation-id.ts';
import { type TranscriptParts, transcriptBytes } from '../shared/protocol/transcript.ts';
import { type LinkHandlers, type LinkReader, readLink } from './link-reader.ts';
import type { Cryptography, Link, SigningKey, Timers } from './ports.ts';

export interface AgentMeetingOptions {
  readonly link: Link;
  readonly key: SigningKey;
  readonly cryptography: Cryptography;
  readonly timers: Timers;
  /**
   * SHA-256 of the coordinator's public key, from the code or from the first meeting. Null where this agent waits to be
   * dialled and trusts nobody yet: then the coordinator has to prove that it knows the secret of the code.
   */
  readonly fingerprint: Uint8Array | null;
  /** Asked once the coordinator has proved itself, with the fingerprint of its key; false: it hears nothing more. */
  readonly mayTrust?: (fingerprint: Uint8Array) => boolean;
  readonly as:
    | { readonly kind: 'enrolled'; readonly workerId: WorkerId }
    | { readonly kind: 'invited'; readonly secret: Uint8Array };
  readonly agentVersion: string;
  /** What the worker is to be called. */
  readonly hostName: string;
  readonly platform: string;
  /** On what terms its owner lets it run tasks; null: it is only watched. */
  readonly taskTerms: TaskTerms | null;
}

export type CoordinatorMeeting =
  | {
      readonly kind: 'welcome';
      readonly welcome: Welcome;
      readonly coordinatorVersion: string;
      /** SHA-256 of the public key that it proved to hold. */
      readonly fingerprint: Uint8Array;
      /** Call once: everything that comes after the welcome, in order, goes to these. */
      readonly handOver: (handlers: LinkHandlers) => void;
    }
  /** The coordinator said no. Where `isFinal`, trying again does not help until a person does something. */
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** No meeting came about: link, time, or a coordinator that is not the pinned one (`not-permitted`). */
  | { readonly kind: 'failed'; readonly failure: Failure };

/** Meets the coordinator within `LIMITS.handshakeMs`. The link is disposed unless the answer is a welcome. */
export async function meetCoordinator(options: AgentMeetingOptions): Promise<CoordinatorMeeting> {
  const { link, timers } = options;
  link.limitMessages(LIMITS.handshakeBytes);
  const reader = readLink(link);
  const deadline = timers.after(LIMITS.handshakeMs, () => reader.abandon('The coordinator did not answer in time.'));
  const meeting = await meet(options, reader);
  deadline.dispose();
  if (meeting.kind !== 'welcome') link.dispose();
  return meeting;
}

async function meet(options: AgentMeetingOptions, reader: LinkReader): Promise<CoordinatorMeeting> {
  const { link, cryptography } = options;
  const send = (message: FromAgent) => link.send(JSON.stringify(message));
  const nonce = cryptography.randomBytes(32);
  send({
    kind: 'hello',
    protocol: PROTOCOL_VERSION,
    agentVersion: options.agentVersion,
    nonce: toBase64Url(nonce),
  });
  const challenge = await receive(reader);
  if (!challenge.ok) return failed(challenge.error);
  if (challenge.value.kind === 'refusal') return refusedBy(challenge.value, false);
  if (challenge.value.kind !== 'challenge') return outOfTurn();
  if (challenge.value.protocol.major !== PROTOCOL_VERSION.major) return incompatible(challenge.value);
  const parts = checkChallenge(challenge.value, nonce, options);
  if (parts === null) {
    return failed({
      code: 'not-permitted',
      message: 'Who answered is not the coordinator that this worker was paired with. Nothing was told to it.',
    });
  }
  send(proofOf(parts, options));
  const answer = await receive(reader);
  if (!answer.ok) return failed(answer.error);
  if (answer.value.kind === 'refusal') return refusedBy(answer.value, true);
  if (answer.value.kind !== 'welcome') return outOfTurn();
  link.limitMessages(LIMITS.messageBytes);
  return {
    kind: 'welcome',
    welcome: answer.value,
    coordinatorVersion: challenge.value.coordinatorVersion,
    fingerprint: parts.coordinatorFingerprint,
    handOver: reader.handOver,
  };
}

/** The next message of a kind that this version knows. */
async function receive(reader: LinkReader): Promise<Result<Understood>> {
  for (;;) {
    const text = await reader.next();
    if (!text.ok) return text;
    const message = parseFromCoordinator(text.value);
    if (!message.ok || message.value !== null) return message as Result<Understood>;
  }
}

/** The parts of the transcript when the coordinator proved that it is the one to trust; else null. */
function checkChallenge(
  challenge: Challenge,
  agentNonce: Uint8Array,
  options: AgentMeetingOptions,
): TranscriptParts | null {
  const { link, cryptography, fingerprint, mayTrust = () => true } = options;
  const publicKey = fromBase64Url(challenge.publicKey);
  const coordinatorNonce = fromBase64Url(challenge.nonce);
  const signature = fromBase64Url(challenge.signature);
  if (publicKey === null || signature === null || coordinatorNonce?.length !== agentNonce.length) return null;
  const coordinatorFingerprint = cryptography.sha256(publicKey);
  if (fingerprint !== null && !cryptography.isEqual(coordinatorFingerprint, fingerprint)) return null;
  const parts: TranscriptParts = {
    channelBinding: link.channelBinding,
    agentNonce,
    coordinatorNonce,
    coordinatorFingerprint,
    agentFingerprint: null,
  };
  if (!cryptography.verify(publicKey, transcriptBytes('coordinator', parts), signature)) return null;
  if (fingerprint === null && !provesCode(challenge, parts, options)) return null;
  return mayTrust(coordinatorFingerprint) ? parts : null;
}

/** Whether the coordinator knows the secret that this agent's own code carries. */
function provesCode(
  { codeProof }: Challenge,
  parts: TranscriptParts,
  { as, cryptography }: AgentMeetingOptions,
): boolean {
  const given = codeProof === null ? null : fromBase64Url(codeProof);
  if (as.kind !== 'invited' || given === null) return false;
  const due = cryptography.hmacSha256(as.secret, transcriptBytes('coordinator-code', parts));
  return cryptography.isEqual(given, due);
}

function proofOf(challenged: TranscriptParts, options: AgentMeetingOptions): Proof {
  const { key, cryptography, as } = options;
  const parts = { ...challenged, agentFingerprint: cryptography.sha256(key.publicKey) };
  return {
    kind: 'proof',
    publicKey: toBase64Url(key.publicKey),
    signature: toBase64Url(key.sign(transcriptBytes('worker', parts))),
    as:
      as.kind === 'enrolled'
        ? as
        : {
            kind: 'invited',
            invitationId: invitationIdOf(as.secret, cryptography.sha256),
            codeProof: toBase64Url(cryptography.hmacSha256(as.secret, transcriptBytes('worker-code', parts))),
          },
    hostName: options.hostName,
    platform: options.platform,
    runsTasks: options.taskTerms !== null,
    taskTerms: options.taskTerms,
  };
}

/** Before the coordinator proved itself, no stranger may end an agent for good but by its version. */
function refusedBy(refusal: Refusal, isProved: boolean): CoordinatorMeeting {
  const isBelieved = isProved || refusal.code === 'incompatible' || !refusal.isFinal;
  return isBelieved
    ? { kind: 'refused', refusal }
    : { kind: 'refused', refusal: { ...refusal, code: 'unavailable', isFinal: false } };
}

function incompatible({ protocol, coordinatorVersion }: Challenge): CoordinatorMeeting {
  const older = protocol.major < PROTOCOL_VERSION.major ? 'the coordinator' : 'this agent';
  const message = `The coordinator (${coordinatorVersion}) speaks protocol ${protocol.major}, this agent protocol ${PROTOCOL_VERSION.major}: update ${older}.`;
  return { kind: 'refused', refusal: { kind: 'refusal', code: 'incompatible', message, isFinal: true } };
}

function outOfTurn(): CoordinatorMeeting {
  return failed(fail('unavailable', 'The coordinator spoke out of turn.').error);
}

function failed(failure: Failure): CoordinatorMeeting {
  return { kind: 'failed', failure };
}
