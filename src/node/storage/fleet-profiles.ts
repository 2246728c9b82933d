/** The part of fleet.db that holds what people say of workers: labels and prices. */
import { changeLabels, type LabelChange, type Labels, labelsFrom } from '../../core/fleet/labels.ts';
import { checkPrice } from '../../core/fleet/price.ts';
import type { WorkerId } from '../../core/fleet/worker.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { ReadableDatabase, WritableDatabase } from './connection.ts';
import { ReadOnlyError } from './fault.ts';

export function createFleetProfiles(connection: ReadableDatabase) {
  const reads = prepareReads(connection);
  const writes = connection.readonly ? null : prepareWrites(connection as WritableDatabase);

  function labels(worker: WorkerId): Labels {
    return labelsFrom((reads?.labels.all(worker) ?? []).map(({ key, value }) => [key, value]));
  }

  /** Whole or not at all, and only for a worker that is enrolled. */
  function change<Value>(worker: WorkerId, work: (write: NonNullable<typeof writes>) => Result<Value>): Result<Value> {
    if (writes === null) throw new ReadOnlyError('fleet.db is open for reading only.');
    return connection
      .transaction(() =>
        writes.isEnrolled.get(worker) === undefined ? fail('not-found', 'No such worker is enrolled.') : work(writes),
      )
      .immediate();
  }

  return {
    labels,
    pricePerHour: (worker: WorkerId): number | null => reads?.price.get(worker) ?? null,
    /** The labels afterwards. */
    changeLabels: (worker: WorkerId, changes: readonly LabelChange[]): Result<Labels> =>
      change(worker, (write) => {
        const changed = changeLabels(labels(worker), changes);
        if (!changed.ok) return changed;
        write.deleteLabels.run(worker);
        for (const [key, value] of Object.entries(changed.value)) write.insertLabel.run(worker, key, value);
        return changed;
      }),
    savePrice: (worker: WorkerId, price: number | null): Result<null> => {
      const checked = checkPrice(price);
      if (!checked.ok) return checked;
      return change(worker, (write) => {
        if (checked.value === null) write.deletePrice.run(worker);
        else write.upsertPrice.run(worker, checked.value);
        return ok(null);
      });
    },
  };
}

/** Null in a file that an older Labwatch wrote and that cannot be migrated now, because its folder may only be read. */
function prepareReads(connection: ReadableDatabase) {
  const isThere = connection.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'worker_labels'").get() !== undefined;
  if (!isThere) return null;
  return {
    labels: connection.prepare<[string], { readonly key: string; readonly value: string }>(
      'SELECT key, value FROM worker_labels WHERE worker_id = ?',
    ),
    price: connection.prepare<[string], number>('SELECT per_hour FROM worker_prices WHERE worker_id = ?').pluck(),
  };
}

function prepareWrites(connection: WritableDatabase) {
  return {
    isEnrolled: connection.prepare<[string], unknown>('SELECT 1 FROM workers WHERE worker_id = ?'),
    deleteLabels: connection.prepare('DELETE FROM worker_labels WHERE worker_id = ?'),
    insertLabel: connection.prepare('INSERT INTO worker_labels (worker_id, key, value) VALUES (?, ?, ?)'),
    deletePrice: connection.prepare('DELETE FROM worker_prices WHERE worker_id = ?'),
    upsertPrice: connection.prepare(
      `INSERT INTO worker_prices (worker_id, per_hour) VALUES (?, ?)
       ON CONFLICT (worker_id) DO UPDATE SET per_hour = excluded.per_hour`,
    ),
  };
}
