/**
 * Queued tasks in their order (`core/scheduling/queue-order`).
 *
 * Tasks that ask for the same and of which the same is expected stand in one line. When the first of a line does not fit, none
 * behind it can, so a look at ten thousand alike tasks costs no more than a look at one.
 */
import { rankedAtMs } from '../scheduling/queue-order.ts';
import type { Task } from './task.ts';

/** What stands in a line; the queue keeps `line`. */
export interface Waiting {
  readonly task: Task;
  line: QueueLine | null;
}

/** When a task is expected to begin, and where. */
export interface ExpectedPlace {
  readonly startMs: number;
  readonly workerName: string;
}

export interface QueueLine {
  readonly key: string;
  readonly waiting: Waiting[];
  /** Why its first did not fit when it was last tried; null before. */
  reason: string | null;
  /** It was for lack of room, which time will mend. */
  isBusy: boolean;
  /** What is kept for its first since then; null: nothing. */
  kept: ExpectedPlace | null;
}

export interface TaskQueue<Entry extends Waiting> {
  readonly isEmpty: boolean;
  /** `key` is the same for tasks of which one fits exactly where the other does, and is expected to take as long. */
  join(entry: Entry, key: string): void;
  leave(entry: Entry): void;
  /**
   * Tries tasks in their order until no line has one that fits. `tryFirst` answers null when the task has left the queue, else
   * why it stays. `leadMs`: by how much the line of this task is put before others. `mayGoOn` is asked before each task but
   * the first. False where it stopped the round: the next one goes on, without the lines of which the first did not fit in this.
   */
  round(leadMs: (first: Entry) => number, tryFirst: (entry: Entry) => string | null, mayGoOn: () => boolean): boolean;
  lines(): IterableIterator<QueueLine>;
  /** When it counts as submitted, whatever is expected of it. */
  momentOf(entry: Entry): number;
  /** How many of the line come before this moment; of those at the moment itself, before the sequence. */
  countBefore(line: QueueLine, atMs: number, sequence: number): number;
}

export function createTaskQueue<Entry extends Waiting>(): TaskQueue<Entry> {
  const lines = new Map<string, QueueLine>();
  /** Of a round that was stopped: lines that are done with. */
  let tried = new Set<QueueLine>();

  return {
    get isEmpty() {
      return lines.size === 0;
    },
    join(entry, key) {
      const line = lines.get(key) ?? { key, waiting: [], reason: null, isBusy: false, kept: null };
      lines.set(key, line);
      line.waiting.splice(placeOf(line.waiting, entry, compareTasks), 0, entry);
      entry.line = line;
    },
    leave(entry) {
      const { line } = entry;
      if (line === null) return;
      line.waiting.splice(placeOf(line.waiting, entry, compareTasks), 1);
      if (line.waiting.length === 0) lines.delete(line.key);
      entry.line = null;
    },
    round(leadMs, tryFirst, mayGoOn) {
      // From the end: taking the next line and putting it back are cheap there.
      const rest = [...lines.values()]
        .filter((line) => !tried.has(line))
        .map((line): RankedLine => ranked(line, leadMs(firstOf(line) as Entry)))
        .sort(compareLines);
      let isFirst = true;
      for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
        // However late it is already: each call gets on.
        if (!isFirst && !mayGoOn()) return false;
        isFirst = false;
        const { line, leadMs: itsLead } = next;
        line.kept = null;
        line.isBusy = false;
        const reason = tryFirst(firstOf(line) as Entry);
        if (reason !== null) {
          line.reason = reason;
          tried.add(line);
        } else if (line.waiting.length > 0) {
          const again = ranked(line, itsLead);
          rest.splice(placeOf(rest, again, compareLines), 0, again);
        }
      }
      tried = new Set();
      return true;
    },
    lines: () => lines.values(),
    momentOf: (entry) => momentOf(entry).atMs,
    countBefore({ waiting }, atMs, sequence) {
      return placeOf(waiting, { atMs, sequence }, (one, other) => compareMoments(momentOf(one), other));
    },
  };
}

interface Moment {
  readonly atMs: number;
  readonly sequence: number;
}

interface RankedLine extends Moment {
  readonly line: QueueLine;
  readonly leadMs: number;
}

function ranked(line: QueueLine, leadMs: number): RankedLine {
  const { atMs, sequence } = momentOf(firstOf(line));
  return { line, leadMs, atMs: atMs - leadMs, sequence };
}

function momentOf({ task }: Waiting): Moment {
  const { submittedAtMs, sequence, spec } = task;
  return { atMs: rankedAtMs({ submittedAtMs, priority: spec.priority }), sequence };
}

function compareTasks(one: Waiting, other: Waiting): number {
  return compareMoments(momentOf(one), momentOf(other));
}

/** The first comes last. */
function compareLines(one: RankedLine, other: RankedLine): number {
  return compareMoments(other, one);
}

function compareMoments(one: Moment, other: Moment): number {
  return one.atMs - other.atMs || one.sequence - other.sequence;
}

function firstOf(line: QueueLine): Waiting {
  const [first] = line.waiting;
  if (first === undefined) throw new Error(`A line of the queue is empty: ${line.key}`);
  return first;
}

/** Where `item` stands in the sorted list, or would. */
function placeOf<Item, Sought>(
  sorted: readonly Item[],
  item: Sought,
  compare: (one: Item, other: Sought) => number,
): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (compare(sorted[middle] as Item, item) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}
