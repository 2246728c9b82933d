/** metrics.db, opened: its connection and everything that has statements prepared on it. */
import { openReadable, openWritable, type ReadableDatabase, type WritableDatabase } from './connection.ts';
import { createFacts, type FactStore } from './facts.ts';
import { migrate } from './migrations/migration.ts';
import { METRICS_SCHEMA } from './migrations/schemas.ts';
import { createPendingBuckets, type PendingBuckets } from './pending-buckets.ts';
import { createProcessSnapshots, type ProcessSnapshots } from './process-snapshots.ts';
import { createRawReader, type RawReader } from './raw-reader.ts';
import { createRollupStore, type RollupStore } from './rollup-store.ts';
import { createSeriesCatalogue, type SeriesCatalogue } from './series-catalogue.ts';
import { createTickWriter, type TickWriter } from './tick-writer.ts';

export interface MetricsDatabase {
  readonly connection: ReadableDatabase;
  readonly facts: FactStore;
  readonly catalogue: SeriesCatalogue;
  readonly pending: PendingBuckets;
  readonly raw: RawReader;
  readonly rollups: RollupStore;
  readonly snapshots: ProcessSnapshots;
}

export interface WritableMetrics extends MetricsDatabase {
  readonly connection: WritableDatabase;
  readonly ticks: TickWriter;
  /** Runs `work` in one transaction; when it throws, everything remembered of the file is read again. */
  transact<Value>(work: () => Value): Value;
}

/** Page cache, KiB: holds the tail of the ticks and the newest page of each series' rollups. */
const CACHE_KIBIBYTES = 4_096;

/** Opens, creates or migrates the file; `:memory:` is one that lives as long as the process. Throws SqliteError. */
export function openMetrics(path: string): WritableMetrics {
  const connection = openWritable(path, { synchronous: 'NORMAL', cacheKibibytes: CACHE_KIBIBYTES });
  try {
    migrate(connection, METRICS_SCHEMA);
    return writableParts(connection);
  } catch (error) {
    connection.close();
    throw error;
  }
}

export function openMetricsForReading(path: string): MetricsDatabase {
  const connection = openReadable(path);
  try {
    return parts(connection);
  } catch (error) {
    connection.close();
    throw error;
  }
}

function parts<Connection extends ReadableDatabase>(connection: Connection) {
  const catalogue = createSeriesCatalogue(connection);
  return {
    connection,
    catalogue,
    facts: createFacts(connection),
    pending: createPendingBuckets(connection),
    raw: createRawReader(connection, catalogue),
    rollups: createRollupStore(connection),
    snapshots: createProcessSnapshots(connection),
  };
}

function writableParts(connection: WritableDatabase): WritableMetrics {
  const common = parts(connection);
  const { catalogue, pending, facts } = common;
  const ticks = createTickWriter(connection, catalogue, pending, facts);
  const inTransaction = connection.transaction((work: () => unknown) => work());
  return {
    ...common,
    ticks,
    transact<Value>(work: () => Value): Value {
      try {
        return inTransaction.immediate(work) as Value;
      } catch (error) {
        for (const part of [catalogue, pending, facts, ticks]) part.reload();
        throw error;
      }
    },
  };
}
