/**
 * The coordinator's side of a meeting: proves that it holds its key, then asks who is there and whether that one may
 * come in. An agent proves its key; a new one also that it knows the secret of a code, which itself never travels.
 */
import type { WorkerId } from '../core/fleet/worker.ts';
import { fail, ok, type Result } from '../core/result.ts';
import type { TaskTerms } from '../core/tasks/terms.ts';
import { fromBase64Url, toBase64Url } from '../shared/protocol/base64url.ts';
import {
  type FromAgent,
  type FromCoordinator,
  type Hello,
  LIMITS,
  PROTOCOL_VERSION,
  type Proof,
  type RefusalCode,
  type Welcome,
} from '../shared/protocol/contract.ts';
import { parseFromAgent } from '../shared/protocol/schemas.ts';
import { type TranscriptParts, transcriptBytes } from '../shared/protocol/transcript.ts';
import { type LinkHandlers, type LinkReader, readLink } from './link-reader.ts';
import type { Cryptography, EnrolledWorker, Link, SigningKey, Timers } from './ports.ts';

/** What an agent said of itself, once its key is proved. The texts are its own. */
export interface AgentClaim {
  /** Ed25519, SPKI, DER, base64url. */
  readonly publicKey: string;
  readonly as:
    | { readonly kind: 'enrolled'; readonly workerId: WorkerId }
    | { readonly kind: 'invited'; readonly invitationId: string; readonly knows: (secret: Uint8Array) => boolean };
  readonly address: string;
  readonly agentVersion: string;
  readonly hostName: string;
  readonly platform: string;
  readonly runsTasks: boolean;
  /** Null exactly where it runs no tasks. */
  readonly taskTerms: TaskTerms | null;
}

export type Admission =
  | { readonly kind: 'admitted'; readonly worker: EnrolledWorker; readonly isNew: boolean }
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly message: string; readonly isFinal: boolean };

export interface CoordinatorMeetingOptions {
  readonly link: Link;
  readonly key: SigningKey;
  readonly cryptography: Cryptography;
  readonly timers: Timers;
  readonly version: string;
  /** Of the code of an agent that was dialled and trusts nobody yet: this side proves to know it. Else null. */
  readonly codeSecret: Uint8Array | null;
  /** Decides who may come in. */
  readonly admit: (claim: AgentClaim) => Promise<Admission>;
  readonly reachableAt: () => { readonly addresses: readonly string[]; readonly port: number };
}

export interface AgentMeeting {
  readonly claim: AgentClaim;
  readonly worker: EnrolledWorker;
  readonly isNew: boolean;
  /** Call once: everything that comes after the proof, in order, goes to these. */
  readonly handOver: (handlers: LinkHandlers) => void;
}

/**
 * Meets an agent within `LIMITS.handshakeMs` and welcomes it. A failure says for the log why it came to nothing; the link
 * is disposed then, after the refusal where one was due.
 */
export async function meetAgent(options: CoordinatorMeetingOptions): Promise<Result<AgentMeeting>> {
  const { link, timers } = options;
  link.limitMessages(LIMITS.handshakeBytes);
  const reader = readLink(link);
  const deadline = timers.after(LIMITS.handshakeMs, () => reader.abandon('The agent did not prove itself in time.'));
  const meeting = await meet(options, reader);
  deadline.dispose();
  if (!meeting.ok) link.dispose();
  return meeting;
}

async function meet(options: CoordinatorMeetingOptions, reader: LinkReader): Promise<Result<AgentMeeting>> {
  const { link } = options;
  const send = (message: FromCoordinator) => link.send(JSON.stringify(message));
  const refuse = (code: RefusalCode, message: string, isFinal: boolean) => {
    send({ kind: 'refusal', code, message, isFinal });
    return fail('not-permitted', message);
  };

  const hello = await receive(reader, 'hello');
  if (!hello.ok) return hello;
  if (hello.value.protocol.major !== PROTOCOL_VERSION.major) {
    return refuse('incompatible', wordsForIncompatible(hello.value, options.version), true);
  }
  const parts = challenge(hello.value, options, send);
  if (parts === null) return outOfForm();

  const proof = await receive(reader, 'proof');
  if (!proof.ok) return proof;
  const claim = checkProof(proof.value, hello.value, parts, options);
  if (claim === null) return refuse('bad-proof', 'The worker did not prove that it holds its key.', true);

  const admission = await options.admit(claim);
  if (reader.isOver()) return fail('unavailable', 'The agent left before it was welcomed.');
  if (admission.kind === 'refused') return refuse(admission.code, admission.message, admission.isFinal);
  link.limitMessages(LIMITS.messageBytes);
  send(welcomeFor(admission.worker, options.reachableAt()));
  return ok({ claim, worker: admission.worker, isNew: admission.isNew, handOver: reader.handOver });
}

async function receive<Kind extends 'hello' | 'proof'>(
  reader: LinkReader,
  kind: Kind,
): Promise<Result<Extract<FromAgent, { readonly kind: Kind }>>> {
  const text = await reader.next();
  if (!text.ok) return text;
  const message = parseFromAgent(text.value);
  if (!message.ok) return message;
  if (message.value?.kind !== kind) return fail('invalid-argument', `The agent was to say its ${kind}.`);
  return ok(message.value as Extract<FromAgent, { readonly kind: Kind }>);
}

/** Null for a nonce that is none. */
function challenge(
  hello: Hello,
  { link, key, cryptography, version, codeSecret }: CoordinatorMeetingOptions,
  send: (message: FromCoordinator) => void,
): TranscriptParts | null {
  const agentNonce = fromBase64Url(hello.nonce);
  if (agentNonce?.length !== NONCE_BYTES) return null;
  const parts: TranscriptParts = {
    channelBinding: link.channelBinding,
    agentNonce,
    coordinatorNonce: cryptography.randomBytes(NONCE_BYTES),
    coordinatorFingerprint: cryptography.sha256(key.publicKey),
    agentFingerprint: null,
  };
  send({
    kind: 'challenge',
    protocol: PROTOCOL_VERSION,
    coordinatorVersion: version,
    nonce: toBase64Url(parts.coordinatorNonce),
    publicKey: toBase64Url(key.publicKey),
    signature: toBase64Url(key.sign(transcriptBytes('coordinator', parts))),
    codeProof:
      codeSecret === null
        ? null
        : toBase64Url(cryptography.hmacSha256(codeSecret, transcriptBytes('coordinator-code', parts))),
  });
  return parts;
}

/** What the agent claims, when its key signed this very meeting; else null. */
function checkProof(
  proof: Proof,
  hello: Hello,
  challenged: TranscriptParts,
  { link, cryptography }: CoordinatorMeetingOptions,
): AgentClaim | null {
  const publicKey = fromBase64Url(proof.publicKey);
  const signature = fromBase64Url(proof.signature);
  if (publicKey === null || signature === null || !isEd25519(publicKey)) return null;
  const parts = { ...challenged, agentFingerprint: cryptography.sha256(publicKey) };
  if (!cryptography.verify(publicKey, transcriptBytes('worker', parts), signature)) return null;
  const { as } = proof;
  const taskTerms = proof.runsTasks ? (proof.taskTerms ?? null) : null;
  return {
    publicKey: proof.publicKey,
    as:
      as.kind === 'enrolled'
        ? as
        : {
            kind: 'invited',
            invitationId: as.invitationId,
            knows(secret) {
              const given = fromBase64Url(as.codeProof);
              const due = cryptography.hmacSha256(secret, transcriptBytes('worker-code', parts));
              return given !== null && given.length === due.length && cryptography.isEqual(given, due);
            },
          },
    address: link.peerAddress,
    agentVersion: hello.agentVersion,
    hostName: proof.hostName,
    platform: proof.platform,
    runsTasks: taskTerms !== null,
    taskTerms,
  };
}

const NONCE_BYTES = 32;
/** SubjectPublicKeyInfo of an Ed25519 key up to its 32 bytes (RFC 8410, 4). */
const ED25519_SPKI_START = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

function isEd25519(spki: Uint8Array): boolean {
  return spki.length === ED25519_SPKI_START.length + 32 && ED25519_SPKI_START.every((byte, at) => spki[at] === byte);
}

function outOfForm() {
  return fail('invalid-argument', 'The agent’s hello is malformed.');
}

function wordsForIncompatible({ protocol, agentVersion }: Hello, version: string): string {
  const older = protocol.major < PROTOCOL_VERSION.major ? 'the agent' : 'Labwatch on the coordinator';
  return `The agent (${agentVersion}) speaks protocol ${protocol.major}, this coordinator (${version}) protocol ${PROTOCOL_VERSION.major}: update ${older}.`;
}

function welcomeFor(
  { workerId, name, remote }: EnrolledWorker,
  reachable: { readonly addresses: readonly string[]; readonly port: number },
): Welcome {
  return { kind: 'welcome', workerId, name, level: remote?.level ?? 'standard', ...reachable };
}
