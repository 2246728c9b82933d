/**
 * Queued tasks in their order: higher priority first, then earlier submission.
 *
 * Tasks that ask for the same stand in one line. When the first of a line does not fit, none behind it can, so a look at
 * ten thousand alike tasks costs no more than a look at one.
 */
import type { Task } from './task.ts';

/** What stands in a line; the queue keeps `line`. */
export interface Waiting {
  readonly task: Task;
  line: QueueLine | null;
}

export interface QueueLine {
  readonly key: string;
  readonly waiting: Waiting[];
  /** Why its first did not fit when it was last tried; null before. */
  reason: string | null;
}

export interface TaskQueue<Entry extends Waiting> {
  readonly isEmpty: boolean;
  /** `key` is the same for tasks of which one fits exactly where the other does. */
  join(entry: Entry, key: string): void;
  leave(entry: Entry): void;
  /**
   * Tries tasks in their order until no line has one that fits. `tryFirst` answers null when the task has left the
   * queue, else why it stays. False where `mayGoOn` stopped it: the next round goes on, without the lines of which the
   * first did not fit in this one.
   */
  round(tryFirst: (entry: Entry) => string | null, mayGoOn: () => boolean): boolean;
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
      const line = lines.get(key) ?? { key, waiting: [], reason: null };
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
    round(tryFirst, mayGoOn) {
      // From the end: taking the next line and putting it back are cheap there.
      const rest = [...lines.values()].filter((line) => !tried.has(line)).sort(compareLines);
      for (let line = rest.pop(); line !== undefined; line = rest.pop()) {
        if (!mayGoOn()) return false;
        const reason = tryFirst(firstOf(line) as Entry);
        if (reason !== null) {
          line.reason = reason;
          tried.add(line);
        } else if (line.waiting.length > 0) rest.splice(placeOf(rest, line, compareLines), 0, line);
      }
      tried = new Set();
      return true;
    },
  };
}

function compareTasks({ task: one }: Waiting, { task: other }: Waiting): number {
  return other.spec.priority - one.spec.priority || one.sequence - other.sequence;
}

function compareLines(one: QueueLine, other: QueueLine): number {
  return compareTasks(firstOf(other), firstOf(one));
}

function firstOf(line: QueueLine): Waiting {
  const [first] = line.waiting;
  if (first === undefined) throw new Error(`A line of the queue is empty: ${line.key}`);
  return first;
}

/** Where `item` stands in the sorted list, or would. */
function placeOf<Item>(sorted: readonly Item[], item: Item, compare: (one: Item, other: Item) => number): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (compare(sorted[middle] as Item, item) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}
