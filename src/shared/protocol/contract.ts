/**
 * Every message between an agent and its coordinator. One JSON text a WebSocket message; `docs/protocol.md` tells the
 * story, `schemas.ts` checks what arrives, `codec.ts` turns ticks into their wire form and back.
 */
import type { Inventory } from '../../core/fleet/inventory.ts';
import type { WorkerId } from '../../core/fleet/worker.ts';
import type { CollectorStatus } from '../../core/metrics/collector.ts';
import type { Level } from '../../core/metrics/level.ts';
import type { ProcessSnapshot, WorkerEvent } from '../../core/metrics/sample.ts';
import type { SeriesKey } from '../../core/metrics/series.ts';
import type { Failure } from '../../core/result.ts';
import type { AttemptOrder, AttemptPulse, AttemptReport } from '../../core/tasks/attempt.ts';
import type { AttemptId } from '../../core/tasks/task.ts';
import type { TaskTerms } from '../../core/tasks/terms.ts';

/** Same `major`: they work together. A greater `minor` only adds what the other side may ignore. */
export const PROTOCOL_VERSION: ProtocolVersion = { major: 1, minor: 1 };

export interface ProtocolVersion {
  readonly major: number;
  readonly minor: number;
}

export const LIMITS = {
  /** Largest message before both sides have proved who they are. */
  handshakeBytes: 16 * 1024,
  /** Largest message after it. */
  messageBytes: 1024 * 1024,
  /** Objects and arrays within each other. */
  depth: 12,
  /** Both sides must have proved who they are by then. */
  handshakeMs: 10_000,
  /** Messages a link may send: this many a second on average, and this many at once. */
  messagesPerSecond: 500,
  messagesAtOnce: 2_000,
  bytesPerSecond: 4 * 1024 * 1024,
  bytesAtOnce: 16 * 1024 * 1024,
  /** Batches and backfills sent and not yet acknowledged. */
  deliveriesInFlight: 8,
  ticksPerDelivery: 20_000,
  seriesPerLayout: 5_000,
  /** The newest layouts of a link that still hold; one given before them is forgotten on both sides. */
  layouts: 64,
  /** Series a coordinator takes from one worker; further ones are left out of its ticks. */
  seriesPerWorker: 5_000,
  requestMs: 10_000,
  /** Bytes of a file or of output in one request or answer, before base64: small, for pings wait behind it. */
  pieceBytes: 64 * 1024,
  /** The agent's own program, as an update brings it. */
  agentBytes: 16 * 1024 * 1024,
  ordersPerRequest: 64,
  /** Files that one attempt brings or fetches. */
  filesPerAttempt: 1_000,
  /** Attempts that a worker holds, which is what one message may name. */
  attemptsPerMessage: 2_000,
} as const;

/** The first words of an agent. It tells nothing that a stranger could use. */
export interface Hello {
  readonly kind: 'hello';
  readonly protocol: ProtocolVersion;
  readonly agentVersion: string;
  /** 32 random bytes, base64url; so that a signature of an earlier meeting proves nothing. */
  readonly nonce: string;
}

/** The coordinator proves that it holds the key that the agent pinned, or (to an agent that waits) that it has the code. */
export interface Challenge {
  readonly kind: 'challenge';
  readonly protocol: ProtocolVersion;
  readonly coordinatorVersion: string;
  readonly nonce: string;
  /** SPKI, DER, base64url: the key of the certificate. */
  readonly publicKey: string;
  /** Over the transcript for `coordinator`. */
  readonly signature: string;
  /** Only towards an agent that waits to be dialled and has pinned nobody yet: proves knowledge of its code. */
  readonly codeProof: string | null;
}

export interface Proof {
  readonly kind: 'proof';
  /** The agent's Ed25519 key, SPKI, DER, base64url. */
  readonly publicKey: string;
  /** Over the transcript for `worker`. */
  readonly signature: string;
  readonly as:
    | { readonly kind: 'enrolled'; readonly workerId: WorkerId }
    /** `codeProof` is an HMAC under the code's secret: the secret itself never leaves the machine. */
    | { readonly kind: 'invited'; readonly invitationId: string; readonly codeProof: string };
  readonly hostName: string;
  readonly platform: string;
  /** False: the owner lets the coordinator watch, and nothing else. */
  readonly runsTasks: boolean;
  /** On what terms; null (or absent, from an older agent) where it runs none. */
  readonly taskTerms?: TaskTerms | null;
}

export interface Welcome {
  readonly kind: 'welcome';
  readonly workerId: WorkerId;
  readonly name: string;
  readonly level: Level;
  /** Where the coordinator can be reached now, best first: an agent keeps them for the day an address changes. */
  readonly addresses: readonly string[];
  readonly port: number;
}

export type RefusalCode =
  | 'incompatible'
  | 'unknown-code'
  | 'expired-code'
  | 'used-code'
  | 'unknown-worker'
  | 'removed'
  | 'bad-proof'
  | 'unavailable';

/** Said before the link is closed. `isFinal`: trying again will not help until a person does something. */
export interface Refusal {
  readonly kind: 'refusal';
  readonly code: RefusalCode;
  readonly message: string;
  readonly isFinal: boolean;
}

/** A set of series named by a number for the rest of this link; numbers rise and may not be given twice. */
export interface WireLayout {
  readonly layout: number;
  readonly seriesKeys: readonly SeriesKey[];
}

/** `[atMs, layout, values]`: values in units, in the order of the layout's keys, already on the coordinator's clock. */
export type WireTick = readonly [atMs: number, layout: number, values: readonly number[]];

/** A `SampleBatch` as it travels. */
export interface WireBatch {
  readonly layouts?: readonly WireLayout[];
  readonly ticks?: readonly WireTick[];
  readonly processes?: readonly ProcessSnapshot[];
  readonly collectors?: readonly CollectorStatus[];
  readonly inventory?: Inventory;
  readonly events?: readonly WorkerEvent[];
}

/** What the agent just read. Answered by `taken` once it was handed to the store. */
export interface Delivery {
  readonly kind: 'delivery';
  /** Rises by one for every delivery of this link. */
  readonly sequence: number;
  readonly batch: WireBatch;
  /** True for what comes from the spool: history, not the present. */
  readonly isLate: boolean;
}

export interface Taken {
  readonly kind: 'taken';
  readonly sequence: number;
}

/** How the agent itself is, sent when it changed and at most each five seconds. */
export interface AgentHealth {
  readonly kind: 'health';
  /** The agent's wall clock minus the coordinator's, or null before it was measured. */
  readonly clockDifferenceMs: number | null;
  /** Bytes that wait in the spool to be sent. */
  readonly spooledBytes: number;
  /** Ticks that had to be given up since the agent started, because the spool was full. */
  readonly lostTicks: number;
}

/** Either side may ask; the other answers at once. */
export interface Ping {
  readonly kind: 'ping';
  readonly id: number;
}

export interface Pong {
  readonly kind: 'pong';
  readonly id: number;
  /** Wall clock of the side that answers. */
  readonly atMs: number;
}

/** What a coordinator may ask of an agent, with what it answers. */
export interface AgentRequests {
  'set-level': { readonly params: { readonly level: Level }; readonly value: null };
  'refresh-inventory': { readonly params: Record<never, never>; readonly value: null };
  /** While somebody looks at this worker, process snapshots come as they are read; else one each ten seconds. */
  'watch-processes': { readonly params: { readonly isWatched: boolean }; readonly value: null };
  /**
   * The next piece of a newer agent, in order from 0. Behind the last one the sum is checked and whether the program runs
   * and is of that version; answered, the agent changes over to it, and tells by an event what came of it.
   */
  'update-agent': {
    readonly params: {
      readonly version: string;
      readonly sha256: string;
      readonly offset: number;
      readonly totalBytes: number;
      readonly data: string;
    };
    readonly value: null;
  };
  /** Which of these files (SHA-256, hex) the agent has not. */
  'missing-files': {
    readonly params: { readonly sha256: readonly string[] };
    readonly value: { readonly missing: readonly string[] };
  };
  /** The next piece of a file, in order from 0; the last one is checked against the sum. `data` is base64. */
  'bring-file': {
    readonly params: {
      readonly sha256: string;
      readonly offset: number;
      readonly totalBytes: number;
      readonly data: string;
    };
    readonly value: null;
  };
  /** Kept on disk when answered. An order that is known already changes nothing. What comes of each, reports tell. */
  'start-attempts': { readonly params: { readonly orders: readonly AttemptOrder[] }; readonly value: null };
  /** Ends it in order; an attempt that is unknown is reported as ended, `cancelled`. */
  'cancel-attempt': { readonly params: { readonly attemptId: AttemptId }; readonly value: null };
  /** All of these are kept by the coordinator, output and files too: the agent may remove them. */
  'forget-attempts': { readonly params: { readonly attemptIds: readonly AttemptId[] }; readonly value: null };
  'read-output': {
    readonly params: { readonly attemptId: AttemptId; readonly offset: number };
    readonly value: WirePiece;
  };
  /** A file that the attempt's report named. */
  'read-file': {
    readonly params: { readonly attemptId: AttemptId; readonly path: string; readonly offset: number };
    readonly value: WirePiece;
  };
}

/** Bytes of a file that may still grow. */
export interface WirePiece {
  /** Where they begin; later than asked for where older ones are gone. */
  readonly fromOffset: number;
  /** Base64; at most `LIMITS.pieceBytes` of bytes. */
  readonly data: string;
  /** Written so far. */
  readonly totalBytes: number;
}

export type AgentRequestName = keyof AgentRequests;

export interface Request<Name extends AgentRequestName = AgentRequestName> {
  readonly kind: 'request';
  readonly id: number;
  readonly method: Name;
  readonly params: AgentRequests[Name]['params'];
}

export type Answer =
  | { readonly kind: 'answer'; readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly kind: 'answer'; readonly id: number; readonly ok: false; readonly error: Failure };

/** `labwatch worker leave`: the person at the worker ends the trust. */
export interface Leaving {
  readonly kind: 'leaving';
}

/**
 * Where attempts stand, sent again on each link until taken. The first message of a link has `isAll`: it names every
 * attempt that the agent holds, so that the coordinator learns which of its orders never arrived. What would make that
 * message too large is named in it as only accepted, and told whole behind it.
 */
export interface AttemptReports {
  readonly kind: 'attempts';
  readonly isAll: boolean;
  readonly reports: readonly AttemptReport[];
}

/** These are stored. */
export interface AttemptsTaken {
  readonly kind: 'attempts-taken';
  readonly taken: readonly { readonly attemptId: AttemptId; readonly version: number }[];
}

/** What running attempts use at this moment, once a second; only the newest counts, and nobody answers. */
export interface AttemptPulses {
  readonly kind: 'pulses';
  readonly pulses: readonly AttemptPulse[];
}

export type FromAgent =
  | Hello
  | Proof
  | Delivery
  | AgentHealth
  | Ping
  | Pong
  | Answer
  | Leaving
  | AttemptReports
  | AttemptPulses;
export type FromCoordinator = Challenge | Welcome | Refusal | Taken | Ping | Pong | Request | AttemptsTaken;
