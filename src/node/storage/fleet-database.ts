/** fleet.db, opened: workers, their profiles, tasks, settings, what the window remembers, inventories, events. */
import { completeInventory, type Inventory, type PastInventory } from '../../core/fleet/inventory.ts';
import { inventoryChangeMessage } from '../../core/fleet/inventory-changes.ts';
import type { WorkerId } from '../../core/fleet/worker.ts';
import type { WorkerEvent } from '../../core/metrics/sample.ts';
import { type SettingKey, type Settings, settingsFrom } from '../../core/settings/settings.ts';
import { openReadable, openWritable, type ReadableDatabase, type WritableDatabase } from './connection.ts';
import { ReadOnlyError } from './fault.ts';
import { createFleetProfiles } from './fleet-profiles.ts';
import { createFleetTasks } from './fleet-tasks.ts';
import { createFleetWorkers } from './fleet-workers.ts';
import { migrate } from './migrations/migration.ts';
import { FLEET_SCHEMA } from './migrations/schemas.ts';

const CACHE_KIBIBYTES = 1_024;

/** A write to fleet.db that a delivery brought. */
export type FleetWrite =
  | { readonly kind: 'inventory'; readonly workerId: WorkerId; readonly inventory: Inventory }
  | { readonly kind: 'event'; readonly workerId: WorkerId; readonly event: WorkerEvent };

export type FleetDatabase = ReturnType<typeof createFleetDatabase>;

/** Opens, creates or migrates the file. Throws SqliteError. */
export function openFleet(path: string): FleetDatabase {
  const connection = openWritable(path, { synchronous: 'FULL', cacheKibibytes: CACHE_KIBIBYTES });
  try {
    migrate(connection, FLEET_SCHEMA);
    return createFleetDatabase(connection);
  } catch (error) {
    connection.close();
    throw error;
  }
}

export function openFleetForReading(path: string): FleetDatabase {
  const connection = openReadable(path);
  try {
    return createFleetDatabase(connection);
  } catch (error) {
    connection.close();
    throw error;
  }
}

function createFleetDatabase(connection: ReadableDatabase) {
  const statements = prepareReads(connection);
  const writes = connection.readonly ? null : prepareWrites(connection as WritableDatabase);

  function writable() {
    if (writes === null) throw new ReadOnlyError('fleet.db is open for reading only.');
    return writes;
  }

  function newestInventory(worker: WorkerId): Inventory | null {
    const text = statements.newestInventory.get(worker);
    return text === undefined ? null : completeInventory(JSON.parse(text) as PastInventory);
  }

  function writeEvent(worker: WorkerId, { atMs, kind, message }: WorkerEvent): void {
    writable().insertEvent.run(worker, Math.round(atMs), kind, message);
  }

  function writeInventory(worker: WorkerId, inventory: Inventory): void {
    const before = newestInventory(worker);
    if (isSameMachine(before, inventory)) return;
    writable().insertInventory.run(worker, Math.round(inventory.atMs), JSON.stringify(inventory));
    // One that comes late is history: what is newer than it has told its changes.
    if (before === null || inventory.atMs <= before.atMs) return;
    const message = inventoryChangeMessage(before, inventory);
    if (message !== null) writeEvent(worker, { atMs: inventory.atMs, kind: 'hardware-changed', message });
  }

  return {
    connection,
    isReadOnly: writes === null,
    workers: createFleetWorkers(connection),
    profiles: createFleetProfiles(connection),
    tasks: createFleetTasks(connection),
    settings: (): Settings =>
      settingsFrom(statements.settings.all().map((row) => [row.key, JSON.parse(row.value) as unknown] as const)),
    saveSetting(key: SettingKey, value: unknown, nowMs: number): void {
      writable().upsertSetting.run(key, JSON.stringify(value), nowMs);
    },
    uiState: (): Readonly<Record<string, unknown>> => JSON.parse(statements.uiState.get() ?? '{}'),
    saveUiState(state: Readonly<Record<string, unknown>>): void {
      writable().upsertUiState.run(JSON.stringify(state));
    },
    newestInventory,
    events: (worker: WorkerId, fromMs: number, toMs: number): readonly WorkerEvent[] =>
      statements.events
        .all(worker, fromMs, toMs)
        .map((row) => ({ atMs: row.at_ms, kind: row.kind as WorkerEvent['kind'], message: row.message })),
    /**
     * All or nothing. An inventory becomes a row only when something but its time changed; with the row comes the event that
     * says what, so that it is told once, whatever is delivered again.
     */
    write(batch: readonly FleetWrite[]): void {
      const work = connection.transaction(() => {
        for (const one of batch) {
          if (one.kind === 'event') writeEvent(one.workerId, one.event);
          else writeInventory(one.workerId, one.inventory);
        }
      });
      work.immediate();
    },
    deleteEventsBefore(atMs: number): void {
      writable().deleteEvents.run(atMs);
    },
    /** A complete copy at `path`, which must not exist. Fails on damaged pages. */
    copyTo(path: string): void {
      connection.prepare('VACUUM INTO ?').run(path);
    },
    close: (): void => {
      connection.close();
    },
  };
}

function prepareReads(connection: ReadableDatabase) {
  return {
    settings: connection.prepare<[], { key: string; value: string }>('SELECT key, value FROM settings'),
    uiState: connection.prepare<[], string>('SELECT state FROM ui_state').pluck(),
    newestInventory: connection
      .prepare<[string], string>('SELECT inventory FROM inventories WHERE worker_id = ? ORDER BY at_ms DESC LIMIT 1')
      .pluck(),
    events: connection.prepare<[string, number, number], { at_ms: number; kind: string; message: string }>(
      'SELECT at_ms, kind, message FROM events WHERE worker_id = ? AND at_ms >= ? AND at_ms < ? ORDER BY at_ms, id',
    ),
  };
}

function prepareWrites(connection: WritableDatabase) {
  return {
    upsertSetting: connection.prepare(
      `INSERT INTO settings (key, value, changed_at_ms) VALUES (?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET value = excluded.value, changed_at_ms = excluded.changed_at_ms`,
    ),
    upsertUiState: connection.prepare(
      'INSERT INTO ui_state (only, state) VALUES (1, ?) ON CONFLICT (only) DO UPDATE SET state = excluded.state',
    ),
    insertInventory: connection.prepare(
      'INSERT OR REPLACE INTO inventories (worker_id, at_ms, inventory) VALUES (?, ?, ?)',
    ),
    insertEvent: connection.prepare(
      'INSERT OR IGNORE INTO events (worker_id, at_ms, kind, message) VALUES (?, ?, ?, ?)',
    ),
    deleteEvents: connection.prepare('DELETE FROM events WHERE at_ms < ?'),
  };
}

export function isSameMachine(one: Inventory | null, other: Inventory): boolean {
  return one !== null && JSON.stringify({ ...one, atMs: 0 }) === JSON.stringify({ ...other, atMs: 0 });
}
