/** The attempts around the stretch of time that is looked at: asked for when it leaves what is known, then kept by patches. */
import type { WorkerId } from '../../core/fleet/worker.ts';
import type { Failure } from '../../core/result.ts';
import type { AttemptId } from '../../core/tasks/task.ts';
import { type AttemptsBetween, type AttemptView, MOST_ATTEMPTS } from '../../core/tasks/view.ts';
import type { Disposable } from '../../core/time.ts';
import { call } from '../api.ts';
import { createStore, type Store } from '../state/store.ts';
import { followTasks } from '../tasks/live-tasks.ts';
import type { Span } from './viewport.ts';

export type AttemptsState =
  | { readonly status: 'loading' }
  | { readonly status: 'error'; readonly failure: Failure }
  | {
      readonly status: 'ready';
      /** A worker's array is another one only when something of it changed. */
      readonly byWorker: ReadonlyMap<WorkerId, readonly AttemptView[]>;
      /** As workers were called that are gone. */
      readonly removedNames: ReadonlyMap<WorkerId, string>;
      /** What ended before this is not known: there was more than is asked for at once. Null: all of the range is here. */
      readonly cutBeforeMs: number | null;
    };

export interface AttemptStore extends Disposable {
  readonly state: Store<AttemptsState>;
  /** What is looked at from now on. */
  look(span: Span): void;
  reload(): void;
  dispose(): void;
}

interface Options {
  /** Of this worker only; null: of all. */
  readonly workerId: WorkerId | null;
  readonly now: () => number;
}

/** Zooming with the wheel asks when it pauses. */
const SETTLE_MS = 120;
/** Asked for on both sides beyond what is looked at, as a share of it. */
const MARGIN = 0.5;
/** Of a range that was cut, the same question is not asked again before the view has moved by this share of it. */
const MOVED = 0.2;
/** What patches bring in a long time is given up when it is this many times what one question may bring. */
const MOST_KEPT = 1.2 * MOST_ATTEMPTS;

export function createAttemptStore({ workerId, now }: Options): AttemptStore {
  const state = createStore<AttemptsState>({ status: 'loading' });
  /** The range that is known; null before the first answer. */
  let known: (Span & { readonly asked: Span | null; readonly isCut: boolean }) | null = null;
  let attempts = new Map<AttemptId, AttemptView>();
  let removedNames: ReadonlyMap<WorkerId, string> = new Map();
  let wanted: Span | null = null;
  let question = 0;
  /** Changes since the question was asked: its answer may be older than they are. */
  let meanwhile: AttemptView[] = [];
  let isUnderWay = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function ask(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    if (wanted === null) return;
    question += 1;
    const mine = question;
    const span = wanted;
    // Of a range that holds more than may be asked for, a margin would only take room from what is looked at.
    const margin = known?.isCut === true ? 0 : MARGIN * (span.toMs - span.fromMs);
    const fromMs = Math.max(0, Math.floor(span.fromMs - margin));
    const toMs = Math.ceil(span.toMs + margin);
    isUnderWay = true;
    meanwhile = [];
    const nowMs = now();
    const query = { fromMs, toMs, limit: MOST_ATTEMPTS };
    const answer = await call('attempts:between', workerId === null ? query : { ...query, workerId });
    if (mine !== question) return;
    isUnderWay = false;
    if (!answer.ok) {
      if (state.get().status !== 'ready') state.set({ status: 'error', failure: answer.error });
      return;
    }
    // A range that reaches beyond now is kept complete by patches, however long it goes on.
    const knownToMs = toMs >= nowMs ? Number.POSITIVE_INFINITY : toMs;
    // What lies behind a stretch of the past took room from it: that is asked for once more, alone.
    const isCrowded = answer.value.isCut && margin > 0 && knownToMs === toMs;
    accept(answer.value, { fromMs, toMs: knownToMs }, isCrowded ? null : span);
  }

  function accept({ attempts: found, isCut, removedWorkers }: AttemptsBetween, range: Span, asked: Span | null): void {
    const oldestEnd = found.at(-1)?.endedAtMs ?? range.fromMs;
    known = { fromMs: isCut ? Math.max(range.fromMs, oldestEnd) : range.fromMs, toMs: range.toMs, asked, isCut };
    removedNames = new Map([...removedNames, ...removedWorkers.map((one) => [one.workerId, one.name] as const)]);
    attempts = new Map(found.map((attempt) => [attempt.attemptId, attempt]));
    for (const attempt of meanwhile) if (isWanted(attempt)) attempts.set(attempt.attemptId, attempt);
    meanwhile = [];
    publish(null);
    if (wanted !== null) look(wanted);
  }

  /** `changed`: only these workers' arrays are made anew; null: all. */
  function publish(changed: ReadonlySet<WorkerId> | null): void {
    const before = state.get();
    const byWorker = new Map(changed === null || before.status !== 'ready' ? [] : before.byWorker);
    const made = new Map<WorkerId, AttemptView[]>([...(changed ?? [])].map((id) => [id, []]));
    for (const attempt of attempts.values()) {
      const own = made.get(attempt.workerId);
      if (own !== undefined) own.push(attempt);
      else if (changed === null) made.set(attempt.workerId, [attempt]);
    }
    for (const [id, own] of made) byWorker.set(id, own);
    state.set({ status: 'ready', byWorker, removedNames, cutBeforeMs: known?.isCut === true ? known.fromMs : null });
  }

  function isWanted({ workerId: its, placedAtMs, endedAtMs }: AttemptView): boolean {
    if (known === null || (workerId !== null && its !== workerId)) return false;
    return placedAtMs < known.toMs && (endedAtMs ?? Number.POSITIVE_INFINITY) >= known.fromMs;
  }

  function isKnown(span: Span): boolean {
    if (known === null) return false;
    if (span.fromMs >= known.fromMs && span.toMs <= known.toMs) return true;
    if (!known.isCut) return span.fromMs <= 0 && span.toMs <= known.toMs;
    const movedMs = MOVED * (span.toMs - span.fromMs);
    const { asked } = known;
    if (asked === null) return false;
    return Math.abs(span.fromMs - asked.fromMs) < movedMs && Math.abs(span.toMs - asked.toMs) < movedMs;
  }

  function look(span: Span): void {
    const isFirst = wanted === null;
    wanted = span;
    if (isFirst) void ask();
    else if (!isKnown(span) && !(isUnderWay && known === null)) {
      clearTimeout(timer);
      timer = setTimeout(() => void ask(), SETTLE_MS);
    }
  }

  function reload(): void {
    if (state.get().status === 'error') state.set({ status: 'loading' });
    known = null;
    void ask();
  }

  const stop = followTasks({
    changed({ attempts: changes }) {
      if (isUnderWay) meanwhile.push(...changes);
      const wantedOnes = changes.filter(isWanted);
      if (wantedOnes.length === 0) return;
      for (const attempt of wantedOnes) attempts.set(attempt.attemptId, attempt);
      if (attempts.size > MOST_KEPT) reload();
      else publish(new Set(wantedOnes.map((attempt) => attempt.workerId)));
    },
    missed: reload,
  });

  return {
    state,
    look,
    reload,
    dispose() {
      question += 1;
      clearTimeout(timer);
      stop();
    },
  };
}
