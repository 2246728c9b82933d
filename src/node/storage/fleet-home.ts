/**
 * fleet.db through its troubles: restored when torn, read when newer, stood in for by memory when its folder refuses.
 *
 * Inventories and events that the disk does not take now wait in memory and are seen by reads; a setting that cannot be
 * kept is refused instead, because whoever set it can be told.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Inventory } from '../../core/fleet/inventory.ts';
import type { WorkerProfile } from '../../core/fleet/profile.ts';
import { type WorkerId, workerId } from '../../core/fleet/worker.ts';
import { workerNameFrom } from '../../core/fleet/worker-name.ts';
import type { WorkerEvent } from '../../core/metrics/sample.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { Clock } from '../../core/time.ts';
import type { EnrolledWorker, Log } from '../../engine/ports.ts';
import { damageIn } from './damage.ts';
import { describe, faultKind, isFault } from './fault.ts';
import { inspectFile, setAside } from './file-inspection.ts';
import { backUpFleet, restoreFleet } from './fleet-backup.ts';
import {
  type FleetDatabase,
  type FleetWrite,
  isSameMachine,
  openFleet,
  openFleetForReading,
} from './fleet-database.ts';
import { FLEET_SCHEMA } from './migrations/schemas.ts';
import type { NoticeBoard } from './notice-board.ts';

/** Waiting writes kept at most; events are a few a day. */
const WAITING_MAX = 10_000;

export interface FleetHome {
  /** The database that answers: on disk, or in memory for as long as the folder refuses. */
  database(): FleetDatabase;
  localWorker(): EnrolledWorker;
  /** Writes, or keeps them waiting while the disk refuses. */
  write(batch: readonly FleetWrite[]): void;
  inventory(worker: WorkerId): Inventory | null;
  profile(worker: WorkerId): WorkerProfile;
  events(worker: WorkerId, fromMs: number, toMs: number): readonly WorkerEvent[];
  /** Tries again what the disk refused. */
  resume(): void;
  /** Gives up events of before `atMs`, where the disk lets it. */
  forgetEventsBefore(atMs: number): void;
  /**
   * fleet.db for what must be kept (whom to trust, tasks): on disk and writable, or the sentence why not, which says the
   * `consequence`. What is forgotten at the next start is worse than what is refused now.
   */
  forKeeps(consequence: string): Result<FleetDatabase>;
  /** Makes today's copy, if it is missing, or anew when `isStale`. */
  backUp(isStale?: boolean): void;
  close(): void;
}

export interface FleetHomeOptions {
  readonly path: string;
  readonly backupFolder: string;
  readonly clock: Clock;
  readonly notices: NoticeBoard;
  readonly log: Log;
  /** The local worker that metrics.db remembers, for the case that fleet.db was lost. */
  readonly rememberedLocalWorker: string | null;
}

export function openFleetHome(options: FleetHomeOptions): FleetHome {
  const { path, backupFolder, clock, notices, log } = options;
  let isInMemory = false;
  let database = open();
  let waiting: readonly FleetWrite[] = [];
  let local = enrolLocal();

  function open(): FleetDatabase {
    try {
      const verdict = inspectFile(path, FLEET_SCHEMA);
      if (verdict.kind === 'newer') {
        notices.raise('fleet', { kind: 'newer-schema', atMs: clock.nowMs(), file: path });
        return openFleetForReading(path);
      }
      if (verdict.kind === 'unusable') return restore(verdict.reason);
      return verdict.kind === 'ours' ? openSound() : openFleet(path);
    } catch (error) {
      if (faultKind(error) === 'damaged') return restore(describe(error));
      if (isFault(error)) return standIn(error);
      throw error;
    }
  }

  /** The whole file is read: it is small, and a task accepted must be a task accounted for. */
  function openSound(): FleetDatabase {
    const opened = openFleet(path);
    const problem = damageIn(opened.connection);
    if (problem === null) return opened;
    opened.close();
    return restore(problem);
  }

  function restore(reason: string): FleetDatabase {
    const movedTo = setAside(path, clock.nowMs());
    const backup = restoreFleet(backupFolder, path);
    notices.raise('fleet', { kind: 'fleet-restored', atMs: clock.nowMs(), movedTo, backupAtMs: backup?.dayMs ?? null });
    log.error('fleet.db was set aside and restored.', { movedTo, reason, from: backup?.path ?? null });
    return openFleet(path);
  }

  function standIn(error: unknown): FleetDatabase {
    isInMemory = true;
    const reason = `The data folder cannot be written (${describe(error)}).`;
    notices.raise('fleet', { kind: 'memory-only', atMs: clock.nowMs(), reason });
    log.error('fleet.db cannot be opened for writing.', { reason: describe(error) });
    try {
      return openFleetForReading(path);
    } catch {
      return openFleet(':memory:');
    }
  }

  function enrolLocal(): EnrolledWorker {
    const known = database.workers.all().find((worker) => worker.isLocal);
    if (known !== undefined) return known;
    const id = workerId(options.rememberedLocalWorker ?? randomUUID());
    const worker = {
      workerId: id,
      name: workerNameFrom(hostname()),
      isLocal: true,
      admission: 'open',
      remote: null,
    } as const;
    if (!database.isReadOnly) database.workers.addLocal(worker, clock.nowMs());
    return worker;
  }

  function flush(): void {
    if (waiting.length === 0) return;
    if (database.isReadOnly || isInMemory) return;
    try {
      database.write(waiting);
      waiting = [];
    } catch (error) {
      handle(error);
    }
  }

  function handle(error: unknown): void {
    if (faultKind(error) === 'bug') throw error;
    if (faultKind(error) !== 'damaged') return;
    database.close();
    database = restore(describe(error));
    local = enrolLocal();
  }

  function reopen(): void {
    try {
      if (inspectFile(path, FLEET_SCHEMA).kind === 'newer') return;
      const onDisk = openFleet(path);
      onDisk.workers.addLocal(local, clock.nowMs());
      if (!database.isReadOnly) onDisk.saveUiState({ ...onDisk.uiState(), ...database.uiState() });
      database.close();
      database = onDisk;
      isInMemory = false;
      notices.end('fleet', 'memory-only');
    } catch (error) {
      if (!isFault(error)) throw error;
    }
  }

  function newestInventory(worker: WorkerId): Inventory | null {
    const newest = waiting.findLast((one) => one.kind === 'inventory' && one.workerId === worker);
    const stored = database.newestInventory(worker);
    if (newest?.kind !== 'inventory' || isSameMachine(stored, newest.inventory)) return stored;
    return newest.inventory;
  }

  return {
    database: () => database,
    localWorker: () => local,
    write(batch) {
      waiting = [...waiting, ...batch].slice(-WAITING_MAX);
      flush();
    },
    inventory: newestInventory,
    profile: (worker) => ({
      workerId: worker,
      labels: database.profiles.labels(worker),
      pricePerHour: database.profiles.pricePerHour(worker),
      inventory: newestInventory(worker),
    }),
    events(worker, fromMs, toMs) {
      const kept = waiting.flatMap((one) => (one.kind === 'event' && one.workerId === worker ? [one.event] : []));
      const recent = kept.filter((event) => event.atMs >= fromMs && event.atMs < toMs);
      const stored = database.events(worker, fromMs, toMs);
      return recent.length === 0 ? stored : [...stored, ...recent].sort((one, other) => one.atMs - other.atMs);
    },
    resume() {
      if (isInMemory) reopen();
      flush();
    },
    forgetEventsBefore(atMs) {
      if (database.isReadOnly || isInMemory) return;
      try {
        database.deleteEventsBefore(atMs);
      } catch (error) {
        handle(error);
      }
    },
    forKeeps(consequence) {
      if (isInMemory) {
        return fail('storage', `The data folder cannot be written now, so ${consequence}. Mend that first.`);
      }
      if (!database.isReadOnly) return ok(database);
      return fail(
        'read-only',
        'The data folder was written by a newer Labwatch and is open for reading only. Update Labwatch.',
      );
    },
    backUp(isStale = false) {
      if (database.isReadOnly || isInMemory) return;
      try {
        backUpFleet(database, backupFolder, clock.nowMs(), isStale);
      } catch (error) {
        log.warn('The daily copy of fleet.db could not be made.', { reason: describe(error) });
        handle(error);
      }
    },
    close: () => database.close(),
  };
}
