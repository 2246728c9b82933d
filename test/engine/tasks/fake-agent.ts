/**
 * A model of an agent: it keeps orders as if on disk, does what they say when the test lets it, reports on each link until
 * it is heard, and forgets when it is told. A link can be cut between any two of its messages.
 */
import type { WorkerId } from '../../../src/core/fleet/worker.ts';
import { type Failure, fail, ok, type Result } from '../../../src/core/result.ts';
import type { AttemptEnd, AttemptOrder, AttemptReport } from '../../../src/core/tasks/attempt.ts';
import type { AttemptId } from '../../../src/core/tasks/task.ts';
import type { TaskDoor, WorkerLine } from '../../../src/engine/tasks/contract.ts';
import type { AgentRequestName, AgentRequests, AttemptReports } from '../../../src/shared/protocol/contract.ts';
import { aUsage } from '../../support/tasks.ts';
import { sumOf } from './memory-files.ts';

export interface FakeAgent {
  readonly workerId: WorkerId;
  /** Every attempt whose command began, in order, each time that it did. */
  readonly begun: readonly AttemptId[];
  /** What was asked of it and arrived. */
  readonly heard: readonly { readonly method: AgentRequestName; readonly params: unknown }[];
  /** Attempts that it was told to forget before it had told how they ended, or before all of them was read. */
  readonly wronged: readonly AttemptId[];
  held(): readonly AttemptReport[];
  isLinked(): boolean;
  link(door: TaskDoor): void;
  /** The connection is gone; what was under way in either direction never arrives. */
  cut(): void;
  begin(attemptId: AttemptId): void;
  write(attemptId: AttemptId, text: string): void;
  end(attemptId: AttemptId, how?: Partial<AttemptEnd>, files?: Readonly<Record<string, string>>): void;
  /** Whatever it holds goes one step on, as the order's command says: `exit CODE OUTPUT`. */
  step(): void;
  /** Its supervisor is gone without a word. */
  vanish(attemptId: AttemptId): void;
  pulse(attemptId: AttemptId): void;
  /** Reports of whatever the test invents, as they are. */
  tell(reports: readonly AttemptReport[]): void;
  /** What the coordinator ended its links for. */
  readonly objections: readonly string[];
  /** From now on it answers these requests so; null: as it should. */
  refuse(method: AgentRequestName, failure: Failure | null): void;
}

interface Held {
  readonly order: AttemptOrder | null;
  report: AttemptReport;
  output: string;
  readonly files: Map<string, string>;
  readBytes: number;
  readonly readFiles: Set<string>;
  takenVersion: number;
}

interface LiveLink {
  readonly door: TaskDoor;
  isUp: boolean;
}

/** A later turn, as for a message that crosses a wire. */
const crossing = () => new Promise<void>((resolve) => void setImmediate(resolve));

export function fakeAgent(workerId: WorkerId, nowMs: () => number): FakeAgent {
  const attempts = new Map<AttemptId, Held>();
  const broughtFiles = new Map<string, Uint8Array>();
  const begun: AttemptId[] = [];
  const heard: { method: AgentRequestName; params: unknown }[] = [];
  const wronged: AttemptId[] = [];
  const objections: string[] = [];
  const refusals = new Map<AgentRequestName, Failure>();
  let link: LiveLink | null = null;

  function known(attemptId: AttemptId): Held {
    const held = attempts.get(attemptId);
    if (held === undefined) throw new Error(`The agent does not hold ${attemptId}.`);
    return held;
  }

  async function send(reports: readonly AttemptReport[], isAll: boolean): Promise<void> {
    const over = link;
    if (over === null) return;
    const message: AttemptReports = { kind: 'attempts', isAll, reports };
    await crossing();
    if (over.isUp) over.door.reports(workerId, message);
  }

  function change(held: Held, news: Partial<AttemptReport>): void {
    held.report = { ...held.report, ...news, version: held.report.version + 1 };
    void send([held.report], false);
  }

  function keep(attemptId: AttemptId, order: AttemptOrder | null): Held {
    const report: AttemptReport = {
      ...{ attemptId, version: 1, state: 'accepted', startedAtMs: null, endedAtMs: null, end: null, usage: null },
    };
    const held: Held = {
      ...{ order, report, output: '', files: new Map(), readBytes: 0, readFiles: new Set(), takenVersion: 0 },
    };
    attempts.set(attemptId, held);
    return held;
  }

  function finish(held: Held, how: Partial<AttemptEnd>): void {
    const end: AttemptEnd = {
      ...{
        how: 'exited',
        exitCode: 0,
        signal: null,
        message: null,
        orphansEnded: 0,
        outputDroppedBytes: 0,
        filesLeft: [],
      },
      outputBytes: held.output.length,
      files: [...held.files].map(([path, text]) => ({ path, bytes: text.length, sha256: sumOf(Buffer.from(text)) })),
      ...how,
    };
    change(held, { state: 'ended', endedAtMs: nowMs(), end });
  }

  const handlers: {
    readonly [Name in AgentRequestName]?: (
      params: AgentRequests[Name]['params'],
    ) => Result<AgentRequests[Name]['value']>;
  } = {
    'missing-files': ({ sha256 }) => ok({ missing: sha256.filter((sum) => !broughtFiles.has(sum)) }),
    'bring-file'({ sha256, offset, totalBytes, data }) {
      const before = offset === 0 ? new Uint8Array() : (broughtFiles.get(`${sha256}…`) ?? new Uint8Array());
      if (before.length !== offset) return fail('invalid-argument', 'A piece is missing.');
      const bytes = new Uint8Array([...before, ...Buffer.from(data, 'base64')]);
      broughtFiles.set(bytes.length === totalBytes ? sha256 : `${sha256}…`, bytes);
      return ok(null);
    },
    'start-attempts'({ orders }) {
      for (const order of orders) {
        if (attempts.has(order.attemptId)) continue;
        const gone = order.files.find(({ sha256 }) => !broughtFiles.has(sha256));
        if (gone !== undefined) return fail('invalid-argument', `${gone.to} is not here.`);
        void send([keep(order.attemptId, order).report], false);
      }
      return ok(null);
    },
    'cancel-attempt'({ attemptId }) {
      const held = attempts.get(attemptId) ?? keep(attemptId, null);
      if (held.report.state !== 'ended') finish(held, { how: 'cancelled', exitCode: null });
      return ok(null);
    },
    'forget-attempts'({ attemptIds }) {
      for (const attemptId of attemptIds) {
        const held = attempts.get(attemptId);
        const isRead =
          held !== undefined && held.readBytes >= held.output.length && held.readFiles.size === held.files.size;
        if (held !== undefined && (held.report.state !== 'ended' || !isRead)) wronged.push(attemptId);
        attempts.delete(attemptId);
      }
      return ok(null);
    },
    'read-output'({ attemptId, offset }) {
      const held = attempts.get(attemptId);
      if (held === undefined) return fail('not-found', 'It is not here.');
      const text = held.output.slice(offset, offset + 10);
      held.readBytes = Math.max(held.readBytes, offset + text.length);
      return ok({ fromOffset: offset, data: Buffer.from(text).toString('base64'), totalBytes: held.output.length });
    },
    'read-file'({ attemptId, path, offset }) {
      const text = attempts.get(attemptId)?.files.get(path);
      if (text === undefined) return fail('not-found', 'It is not here.');
      const piece = text.slice(offset, offset + 10);
      if (offset + piece.length === text.length) attempts.get(attemptId)?.readFiles.add(path);
      return ok({ fromOffset: offset, data: Buffer.from(piece).toString('base64'), totalBytes: text.length });
    },
  };

  function lineOver(over: LiveLink): WorkerLine {
    return {
      async ask(method, params) {
        await crossing();
        if (!over.isUp) return fail('unavailable', 'The worker cannot be reached now.');
        heard.push({ method, params });
        const refusal = refusals.get(method);
        const answer: Result<never> =
          refusal === undefined ? (handlers[method]!(params) as Result<never>) : { ok: false, error: refusal };
        await crossing();
        return over.isUp ? answer : fail('unavailable', 'The worker cannot be reached now.');
      },
      object(reason) {
        objections.push(reason);
        if (link === over) cut();
      },
      async taken({ taken }) {
        await crossing();
        if (!over.isUp) return;
        for (const { attemptId, version } of taken) {
          const held = attempts.get(attemptId);
          if (held !== undefined) held.takenVersion = version;
        }
      },
    };
  }

  function cut(): void {
    if (link === null) return;
    const over = link;
    link = null;
    over.isUp = false;
    over.door.unlinked(workerId);
  }

  function begin(attemptId: AttemptId): void {
    begun.push(attemptId);
    change(known(attemptId), { state: 'running', startedAtMs: nowMs() });
  }

  return {
    workerId,
    begun,
    heard,
    wronged,
    objections,
    tell: (reports) => void send(reports, false),
    held: () => [...attempts.values()].map(({ report }) => report),
    isLinked: () => link !== null,
    link(door) {
      cut();
      link = { door, isUp: true };
      door.linked(workerId, lineOver(link));
      void send(
        [...attempts.values()].map(({ report }) => report),
        true,
      );
    },
    cut,
    begin,
    write(attemptId, text) {
      known(attemptId).output += text;
    },
    end(attemptId, how = {}, files = {}) {
      const held = known(attemptId);
      for (const [path, text] of Object.entries(files)) held.files.set(path, text);
      finish(held, how);
    },
    step() {
      for (const [attemptId, held] of attempts) {
        const [, code = '0', output = ''] = held.order?.command ?? [];
        if (held.report.state === 'accepted') begin(attemptId);
        else if (held.report.state === 'running') {
          held.output = output;
          finish(held, { exitCode: Number(code) });
        }
      }
    },
    vanish: (attemptId) => finish(known(attemptId), { how: 'vanished', exitCode: null }),
    pulse(attemptId) {
      const outputBytes = known(attemptId).output.length;
      link?.door.pulses(workerId, [
        { attemptId, cores: 1, memoryBytes: 1, gpuMemoryBytes: null, usage: USAGE, outputBytes },
      ]);
    },
    refuse(method, failure) {
      if (failure === null) refusals.delete(method);
      else refusals.set(method, failure);
    },
  };
}

export const USAGE = aUsage({
  basis: 'cgroup',
  wallMs: 900,
  cpuSeconds: 0.5,
  coresPeak: 1,
  coresMean: 0.6,
  memoryPeakBytes: 1,
  memoryMeanBytes: 1,
  processesPeak: 1,
});
