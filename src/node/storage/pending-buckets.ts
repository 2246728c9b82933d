/**
 * Which rollups are due: buckets that got samples since they were last computed.
 *
 * Marked in the transaction that stores the samples, so a `kill -9` loses no work, and a late sample is simply work due
 * again. Mirrored in memory: a mark that is there already costs no statement, and `history` asks it for every bucket.
 */
import { bucketIndex, ROLLUP_RESOLUTIONS, ROLLUP_WIDTH_MS, type RollupResolution } from '../../core/metrics/rollup.ts';
import type { ReadableDatabase } from './connection.ts';

export interface PendingBucket {
  readonly worker: number;
  readonly bucket: number;
}

interface Mirror {
  /** Worker → bucket → how often it was marked, so that whoever computes it sees that it changed meanwhile. */
  readonly workers: Map<number, Map<number, number>>;
}

const NONE: ReadonlyMap<number, number> = new Map();

export type PendingBuckets = ReturnType<typeof createPendingBuckets>;

export function createPendingBuckets(database: ReadableDatabase) {
  const selectAll = database.prepare<[], { width_ms: number; worker: number; bucket: number }>(
    'SELECT width_ms, worker, bucket FROM pending ORDER BY width_ms, bucket',
  );
  const insert = prepareWrite('INSERT OR IGNORE INTO pending (width_ms, worker, bucket) VALUES (?, ?, ?)');
  const remove = prepareWrite('DELETE FROM pending WHERE width_ms = ? AND worker = ? AND bucket = ?');
  let mirrors = emptyMirrors();
  reload();

  function prepareWrite(sql: string) {
    return database.readonly ? null : database.prepare(sql);
  }

  /** Reads the table again: after a rollback the mirror may hold marks that were never stored. */
  function reload(): void {
    mirrors = emptyMirrors();
    for (const row of selectAll.iterate()) {
      const resolution = ROLLUP_RESOLUTIONS.find((one) => ROLLUP_WIDTH_MS[one] === row.width_ms);
      if (resolution !== undefined) bucketsOf(resolution, row.worker).set(row.bucket, 1);
    }
  }

  function bucketsOf(resolution: RollupResolution, worker: number): Map<number, number> {
    const { workers } = mirrors[resolution];
    let buckets = workers.get(worker);
    if (buckets === undefined) {
      buckets = new Map();
      workers.set(worker, buckets);
    }
    return buckets;
  }

  function mark(resolution: RollupResolution, worker: number, bucket: number): void {
    const buckets = bucketsOf(resolution, worker);
    const marks = buckets.get(bucket);
    if (marks === undefined) insert!.run(ROLLUP_WIDTH_MS[resolution], worker, bucket);
    buckets.set(bucket, (marks ?? 0) + 1);
  }

  return {
    reload,
    mark,
    /** Marks the minute of a sample. Wider buckets follow when the minute is computed. */
    markSample: (worker: number, atMs: number): void => mark('1m', worker, bucketIndex(atMs, ROLLUP_WIDTH_MS['1m'])),
    marksOf: (resolution: RollupResolution, { worker, bucket }: PendingBucket): number =>
      mirrors[resolution].workers.get(worker)?.get(bucket) ?? 0,
    settle(resolution: RollupResolution, { worker, bucket }: PendingBucket): void {
      remove!.run(ROLLUP_WIDTH_MS[resolution], worker, bucket);
      bucketsOf(resolution, worker).delete(bucket);
    },
    /** A bucket that ended before `closedMs` with no minute of it due any more, or null. */
    nextClosed(resolution: RollupResolution, closedMs: number): PendingBucket | null {
      const width = ROLLUP_WIDTH_MS[resolution];
      const end = bucketIndex(closedMs, width);
      const minutes = width / ROLLUP_WIDTH_MS['1m'];
      for (const [worker, buckets] of mirrors[resolution].workers) {
        const dueMinutes = resolution === '1m' ? NONE : (mirrors['1m'].workers.get(worker) ?? NONE);
        for (const bucket of buckets.keys()) {
          if (bucket < end && !hasKeyWithin(dueMinutes, bucket * minutes, (bucket + 1) * minutes)) {
            return { worker, bucket };
          }
        }
      }
      return null;
    },
    /**
     * Buckets from `first` to before `end` whose rollup does not hold every sample yet: due themselves, or with something
     * finer due inside, since wider buckets are marked only when a minute is computed.
     */
    dueWithin(resolution: RollupResolution, worker: number, first: number, end: number): ReadonlySet<number> {
      const due = new Set<number>();
      for (const finer of ROLLUP_RESOLUTIONS) {
        const each = ROLLUP_WIDTH_MS[resolution] / ROLLUP_WIDTH_MS[finer];
        if (each < 1) break;
        for (const bucket of (mirrors[finer].workers.get(worker) ?? NONE).keys()) {
          const outer = Math.floor(bucket / each);
          if (outer >= first && outer < end) due.add(outer);
        }
      }
      return due;
    },
    /** The earliest moment any rollup is due for, ms, or null. */
    earliestDueMs(): number | null {
      let earliest: number | null = null;
      for (const resolution of ROLLUP_RESOLUTIONS) {
        for (const buckets of mirrors[resolution].workers.values()) {
          for (const bucket of buckets.keys()) {
            const at = bucket * ROLLUP_WIDTH_MS[resolution];
            if (earliest === null || at < earliest) earliest = at;
          }
        }
      }
      return earliest;
    },
  };
}

function hasKeyWithin(map: ReadonlyMap<number, unknown>, first: number, end: number): boolean {
  for (let key = first; key < end; key += 1) if (map.has(key)) return true;
  return false;
}

function emptyMirrors(): Record<RollupResolution, Mirror> {
  return { '1m': { workers: new Map() }, '10m': { workers: new Map() }, '1h': { workers: new Map() } };
}
