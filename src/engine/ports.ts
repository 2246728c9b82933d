/** What the engine needs from the outside world. Adapters in `src/node` implement these; tests bring fakes. */
import type { DialPlace } from '../core/fleet/dial-place.ts';
import type { Inventory } from '../core/fleet/inventory.ts';
import type { LabelChange, Labels } from '../core/fleet/labels.ts';
import type { WorkerProfile } from '../core/fleet/profile.ts';
import type { WorkerId } from '../core/fleet/worker.ts';
import type { History, HistoryRequest, SeriesInfo } from '../core/metrics/history.ts';
import type { Level } from '../core/metrics/level.ts';
import type { ProcessSnapshot, SampleBatch, WorkerEvent } from '../core/metrics/sample.ts';
import type { Result } from '../core/result.ts';
import type { Admission } from '../core/scheduling/place.ts';
import type { SettingKey, Settings } from '../core/settings/settings.ts';
import type { StorageNotice, StorageUsage } from '../core/storage-report.ts';
import type { FetchedFile, OrderedFile } from '../core/tasks/attempt.ts';
import type { EndedAttempt } from '../core/tasks/ended-attempt.ts';
import type { PastPage } from '../core/tasks/past-attempt.ts';
import type { AttemptId, BroughtFile, RunId, TaskId, TaskRecords } from '../core/tasks/task.ts';
import type { AttemptQuery, AttemptsBetween, RunView, TaskPage, TaskQuery } from '../core/tasks/view.ts';
import type { Disposable } from '../core/time.ts';

/** Reads the local machine on a thread of its own and delivers batches; never throws after `start`. */
export interface Sampler extends Disposable {
  /** Starts at `level`. Listeners get every batch in order. */
  start(level: Level, onBatch: (batch: SampleBatch) => void): void;
  setLevel(level: Level): void;
  /** Reads the inventory again; it arrives as a batch. */
  refreshInventory(): void;
}

/** A worker as `fleet.db` knows it. */
export interface EnrolledWorker {
  readonly workerId: WorkerId;
  readonly name: string;
  readonly isLocal: boolean;
  readonly admission: Admission;
  /** Null for the local worker. */
  readonly remote: RemoteWorker | null;
}

/** The trust in another machine, and what was last seen of it. */
export interface RemoteWorker {
  /** Ed25519, SPKI, DER, base64url; pinned when it was paired. */
  readonly publicKey: string;
  readonly pairedAtMs: number;
  readonly level: Level;
  readonly lastSeen: LastSeen | null;
  /** Where it waits to be dialled; null: it dials. */
  readonly dialledAt: DialPlace | null;
}

export interface LastSeen {
  readonly atMs: number;
  readonly address: string;
  readonly agentVersion: string;
  readonly platform: string;
  readonly runsTasks: boolean;
}

/** A pairing code that was given out. Good for one worker, until it expires. */
export interface Invitation {
  /** Names the code without telling its secret. */
  readonly invitationId: string;
  /** 16 random bytes, base64url. */
  readonly secret: string;
  readonly expiresAtMs: number;
  readonly usedAtMs: number | null;
}

/** What a key and a code ask for when a machine joins. */
export interface Enrolment {
  /** Null where the machine itself gave out the code, by which it was dialled. */
  readonly invitationId: string | null;
  /** Where it was dialled; null where it dialled. */
  readonly dialledAt: DialPlace | null;
  readonly workerId: WorkerId;
  /** The wished name; made unique by a number where another worker has it. */
  readonly name: string;
  readonly publicKey: string;
  readonly level: Level;
  readonly lastSeen: LastSeen;
}

/** What opening the data folder found. */
export interface StoreOpened {
  readonly localWorker: EnrolledWorker;
  readonly workers: readonly EnrolledWorker[];
  /** Of each of the workers. */
  readonly profiles: readonly WorkerProfile[];
  /** A pairing code that was given out before can still be used. */
  readonly hasOpenInvitation: boolean;
  readonly settings: Settings;
  readonly notices: readonly StorageNotice[];
}

/**
 * Both databases behind one door, on a thread of their own.
 *
 * Reads see everything appended before them. After `open` a method answers a failure, never a rejection, for what can go
 * wrong outside (disk, damage, a schema from the future).
 */
export interface Store extends TaskStore, Disposable {
  open(): Promise<Result<StoreOpened>>;
  /** Hands over a delivery. Kept in memory and retried while the disk refuses it (bounded; `memory-only` is raised). */
  append(workerId: WorkerId, batch: SampleBatch): void;
  history(request: HistoryRequest): Promise<Result<History>>;
  series(workerId: WorkerId): Promise<Result<readonly SeriesInfo[]>>;
  /** The snapshot nearest before `atMs`, not older than a minute; the newest when `atMs` is null. */
  processesAt(workerId: WorkerId, atMs: number | null): Promise<Result<ProcessSnapshot | null>>;
  inventory(workerId: WorkerId): Promise<Result<Inventory | null>>;
  events(workerId: WorkerId, fromMs: number, toMs: number): Promise<Result<readonly WorkerEvent[]>>;
  usage(): Promise<Result<StorageUsage>>;
  saveSetting<Key extends SettingKey>(key: Key, value: Settings[Key]): Promise<Result<Settings>>;
  /** Keeps a code that was given out. Codes long expired are forgotten. */
  saveInvitation(invitation: Invitation): Promise<Result<null>>;
  /** Null when no code was given out under this id, or it was forgotten. */
  invitation(invitationId: string): Promise<Result<Invitation | null>>;
  /**
   * Uses up the code and enrols the worker, both or neither. `not-found` for a code nobody gave out, `not-permitted` for
   * one that is used or expired or a key that was removed. A key that is enrolled already keeps its worker (same id,
   * same history) and uses up the code.
   */
  enrol(enrolment: Enrolment): Promise<Result<EnrolledWorker>>;
  /** `not-found` without such a remote worker; `invalid-argument` where another worker has the name. */
  renameWorker(workerId: WorkerId, name: string): Promise<Result<EnrolledWorker>>;
  saveWorkerLevel(workerId: WorkerId, level: Level): Promise<Result<null>>;
  saveLastSeen(workerId: WorkerId, lastSeen: LastSeen): Promise<Result<null>>;
  /** All of the changes or none; the labels afterwards. `invalid-argument` with the rule that one breaks. */
  changeLabels(workerId: WorkerId, changes: readonly LabelChange[]): Promise<Result<Labels>>;
  /** In the lab's own currency; null takes the price away. */
  savePrice(workerId: WorkerId, pricePerHour: number | null): Promise<Result<null>>;
  /** Whether it takes new tasks; kept over restarts. */
  saveAdmission(workerId: WorkerId, admission: Admission): Promise<Result<null>>;
  /** Ends the trust for ever: its key is refused from now on. Its history stays as long as retention keeps it. */
  removeWorker(workerId: WorkerId): Promise<Result<null>>;
  /** Whether this key belonged to a worker that was removed. */
  isRemovedKey(publicKey: string): Promise<Result<boolean>>;
  /** Small state of the window (size, view, range), kept as JSON under a name. */
  loadUiState(): Promise<Result<Readonly<Record<string, unknown>>>>;
  saveUiState(state: Readonly<Record<string, unknown>>): Promise<Result<null>>;
  /** Storage notices as they begin; an empty list when all have ended. */
  onNotices(listener: (notices: readonly StorageNotice[]) => void): Disposable;
}

/** Everything of tasks that outlives a process; a part of the store. */
export interface TaskStore {
  /** Inserts or replaces the records, all or none. Resolves when they are on disk (`disk-full`, `storage`, `read-only`). */
  saveTasks(changed: TaskRecords): Promise<Result<null>>;
  /** Every run of which a task is not over or parked, complete. */
  openTasks(): Promise<Result<TaskRecords>>;
  /** Whole runs, complete; unknown ones are left out. */
  runRecords(runIds: readonly RunId[]): Promise<Result<TaskRecords>>;
  /** The same, of the runs that these tasks belong to. */
  runRecordsOf(taskIds: readonly TaskId[]): Promise<Result<TaskRecords>>;
  /** Attempts that are over, the newest `limit` (10,000 at most), oldest first. */
  endedAttempts(limit: number): Promise<Result<readonly EndedAttempt[]>>;
  /** By a task's id, or the beginning of it (4 characters at least): all that fit, ten at most. */
  findTaskIds(start: string): Promise<Result<readonly TaskId[]>>;
  findRunIds(start: string): Promise<Result<readonly RunId[]>>;
  tasks(query: TaskQuery): Promise<Result<TaskPage>>;
  attemptsBetween(query: AttemptQuery): Promise<Result<AttemptsBetween>>;
  /** Newest first. */
  runs(limit: number): Promise<Result<readonly RunView[]>>;
  /**
   * Attempts that succeeded of tasks after the sequence, as far as they teach what to expect. Tasks with a command of more
   * than 4 kB are left out.
   */
  pastAttempts(afterSequence: number, limit: number): Promise<Result<PastPage>>;
  /** The greatest sequence ever given; 0 before the first. */
  lastTaskSequence(): Promise<Result<number>>;
  /**
   * Runs go whose tasks were all over before `atMs`; the attempts whose files can go with them. Null, and none
   * goes, while the clock cannot be believed.
   */
  forgetTasksBefore(atMs: number): Promise<Result<readonly AttemptId[] | null>>;
}

/** Files of tasks in the data folder: what is brought, what was written, what is fetched. Never throws. */
export interface TaskFiles {
  /** Copies files from beside the plan into the data folder, so that later changes of them change nothing. */
  take(folder: string, files: readonly BroughtFile[], limitBytes: number): Promise<Result<readonly OrderedFile[]>>;
  /** A piece of a file that was taken. */
  readTaken(sha256: string, offset: number, maxBytes: number): Promise<Result<Uint8Array>>;
  /** How far the output of an attempt is kept. */
  outputBytes(attemptId: AttemptId): Promise<number>;
  /** Adds a piece that begins at `fromOffset`, at or after what is kept (what lies between was dropped). */
  appendOutput(attemptId: AttemptId, fromOffset: number, bytes: Uint8Array): Promise<Result<null>>;
  readOutput(
    attemptId: AttemptId,
    offset: number,
    maxBytes: number,
  ): Promise<Result<{ readonly fromOffset: number; readonly bytes: Uint8Array; readonly keptBytes: number }>>;
  /** Adds a piece of a fetched file; whole and checked when all of `file.bytes` are there. */
  appendFetched(attemptId: AttemptId, file: FetchedFile, offset: number, bytes: Uint8Array): Promise<Result<null>>;
  /** How much of a fetched file is kept. */
  fetchedBytes(attemptId: AttemptId, file: FetchedFile): Promise<number>;
  /** The folder with an attempt's fetched files; null where there are none. */
  fetchedFolder(attemptId: AttemptId): string | null;
  /** Resolves when everything appended for this attempt is on disk: before its worker may forget it. */
  settle(attemptId: AttemptId): Promise<Result<null>>;
  /** Removes output and fetched files of these attempts. */
  remove(attemptIds: readonly AttemptId[]): Promise<void>;
  /** Removes output and fetched files past their bounds, what has not changed for longest first; never of `open` attempts. */
  trim(output: FilesBound, fetched: FilesBound, open: ReadonlySet<AttemptId>): Promise<void>;
  /** Removes taken files that no open task needs. Those taken within the last hour stay: their tasks may not be saved yet. */
  keepTaken(sha256: ReadonlySet<string>): Promise<void>;
}

/** What may stay of one kind of files. */
export interface FilesBound {
  /** Unchanged since before: gone. */
  readonly notBeforeMs: number;
  /** Of all attempts together. */
  readonly maxBytes: number;
}

/** Why a link ended. `refused` carries the sentence of the other side. */
export type LinkEnd =
  | { readonly kind: 'closed' }
  | { readonly kind: 'broken'; readonly message: string }
  | { readonly kind: 'too-large'; readonly message: string };

/**
 * An encrypted connection to one other process, message by message, in order. Nothing above it knows sockets.
 *
 * Who the other side is, the link does not say; the handshake does, bound to this very connection by `channelBinding`.
 */
export interface Link extends Disposable {
  /** The other side's address, for people: `192.168.1.20`. */
  readonly peerAddress: string;
  /** 32 bytes that only the two ends of this connection know (RFC 5705, TLS exporter). */
  readonly channelBinding: Uint8Array;
  /** Messages above `bytes` end the link from now on. Small until both sides are known. */
  limitMessages(bytes: number): void;
  /** Sends, or drops silently once the link has ended. */
  send(text: string): void;
  /** Bytes handed to `send` that have not left this machine. */
  unsentBytes(): number;
  /** One listener each; messages that came before are delivered to the first. */
  onMessage(listener: (text: string) => void): void;
  onEnd(listener: (end: LinkEnd) => void): void;
  /** Stops reading while true: the other side feels it as a slow network. */
  setPaused(isPaused: boolean): void;
  /** Ends the link after what was sent has left, or after a second. */
  dispose(): void;
}

/** Where agents reach this coordinator. */
export interface LinkListener extends Disposable {
  readonly address: string;
  readonly port: number;
}

/** Public-key work, as the engine needs it; `src/node/transport` does it with node:crypto. Bytes in, bytes out. */
export interface Cryptography {
  randomBytes(count: number): Uint8Array;
  sha256(bytes: Uint8Array): Uint8Array;
  hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array;
  /** Takes as long for a wrong answer as for a right one. */
  isEqual(a: Uint8Array, b: Uint8Array): boolean;
  /** Ed25519 or ECDSA P-256 with SHA-256, as the key says. False for whatever is not a valid signature or key. */
  verify(publicKeySpki: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean;
}

/** A private key that signs and is never told. */
export interface SigningKey {
  /** SPKI, DER. */
  readonly publicKey: Uint8Array;
  sign(bytes: Uint8Array): Uint8Array;
}

/** One line of the app's log: a sentence, and what it was about. Rotated files on disk; never metrics. */
export interface Log {
  info(message: string, about?: Readonly<Record<string, unknown>>): void;
  warn(message: string, about?: Readonly<Record<string, unknown>>): void;
  error(message: string, about?: Readonly<Record<string, unknown>>): void;
}

/** Timers as an argument, so that tests move time themselves. */
export interface Timers {
  /** Calls `action` once, `delayMs` from now, unless disposed before. */
  after(delayMs: number, action: () => void): Disposable;
}
