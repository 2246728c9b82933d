/**
 * Both databases as the thread serves them: deliveries in, questions answered, upkeep in slices. No thread in here, so
 * that tests and benches can look at it closely.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkerId } from '../../core/fleet/worker.ts';
import type { SeriesKey } from '../../core/metrics/series.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { parseSetting, type Settings } from '../../core/settings/settings.ts';
import type { StorageNotice } from '../../core/storage-report.ts';
import type { Clock } from '../../core/time.ts';
import type { Log, StoreOpened } from '../../engine/ports.ts';
import { attempt, faultKind } from './fault.ts';
import type { FleetWrite } from './fleet-database.ts';
import { type FleetHome, openFleetHome } from './fleet-home.ts';
import { readHistory } from './history-reader.ts';
import { createHousekeeping, type Housekeeping } from './housekeeping.ts';
import type { Delivery, StoreCalls } from './messages.ts';
import { type MetricsHome, openMetricsHome } from './metrics-home.ts';
import { createNoticeBoard } from './notice-board.ts';
import { listSeries } from './series-list.ts';
import { createTaskAnswers, type TaskAnswers } from './task-answers.ts';
import { createTrustAnswers } from './trust.ts';
import { measureUsage } from './usage.ts';

export interface StorageOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly onNotices: (notices: readonly StorageNotice[]) => void;
  /** Bound of what waits in memory while the disk refuses. */
  readonly overflowMaxBytes?: number;
  /** Reads a whole database file for damage, beside this thread. */
  readonly checkFile?: (path: string) => Promise<string | null>;
}

/** Five hours of 200 series at one second. */
const OVERFLOW_MAX_BYTES = 64 * 1024 * 1024;

/** Most points one question may ask for. */
const POINTS_MAX = 5_000;

type Answers = {
  readonly [Name in keyof StoreCalls]: (...args: Parameters<StoreCalls[Name]>) => Awaited<ReturnType<StoreCalls[Name]>>;
};

export interface Storage extends Answers, Pick<TaskAnswers, 'saveTogether'> {
  nameKeySet(id: number, keys: readonly SeriesKey[]): void;
  forgetKeySets(below: number): void;
  append(deliveries: readonly Delivery[]): void;
  /** One slice of upkeep, some milliseconds at most. True when more is waiting. */
  work(): boolean;
  close(): void;
}

export function createStorage(options: StorageOptions): Storage {
  const { dataDir, clock, log } = options;
  const notices = createNoticeBoard(options.onNotices);
  const keySets = new Map<number, readonly SeriesKey[]>();
  let parts: { readonly metrics: MetricsHome; readonly fleet: FleetHome; readonly upkeep: Housekeeping } | null = null;

  function opened() {
    if (parts === null) throw new Error('The store was used before it was opened.');
    return parts;
  }

  function openParts(): void {
    attempt(() => mkdirSync(dataDir, { recursive: true, mode: 0o700 }));
    const metrics = openMetricsHome({
      path: join(dataDir, 'metrics.db'),
      clock,
      log,
      notices,
      overflowMaxBytes: options.overflowMaxBytes ?? OVERFLOW_MAX_BYTES,
    });
    const fleet = openFleetHome({
      path: join(dataDir, 'fleet.db'),
      backupFolder: join(dataDir, 'backups'),
      clock,
      log,
      notices,
      rememberedLocalWorker: metrics.rememberedLocalWorker(),
    });
    metrics.rememberLocalWorker(fleet.localWorker().workerId);
    const upkeep = createHousekeeping({ metrics, fleet, clock, log, checkFile: options.checkFile ?? null });
    parts = { metrics, fleet, upkeep };
  }

  /** Answers from metrics.db; damage met on the way is sorted out, and the question asked again of what is left. */
  function read<Value>(ask: () => Value): Result<Value> {
    try {
      return ok(ask());
    } catch (error) {
      if (faultKind(error) !== 'damaged') return attempt(() => rethrow(error));
      return attempt(() => {
        opened().metrics.handle(error);
        return ask();
      });
    }
  }

  function askWorker<Value>(
    worker: WorkerId,
    ask: (database: ReturnType<MetricsHome['databases']>[number], id: number) => Value,
  ) {
    return opened()
      .metrics.databases()
      .flatMap((database) => {
        const id = database.catalogue.findWorker(worker);
        return id === null ? [] : [ask(database, id)];
      });
  }

  return {
    open() {
      const result = attempt(() => {
        if (parts === null) openParts();
        const { fleet } = opened();
        const local = fleet.localWorker();
        const known = fleet.database().workers.all();
        const workers = known.some((worker) => worker.workerId === local.workerId) ? known : [local, ...known];
        const value: StoreOpened = {
          localWorker: local,
          workers,
          profiles: workers.map(({ workerId }) => fleet.profile(workerId)),
          hasOpenInvitation: fleet.database().workers.hasOpenInvitation(clock.nowMs()),
          settings: fleet.database().settings(),
          notices: notices.current(),
        };
        return value;
      });
      return result;
    },
    nameKeySet: (id, keys) => void keySets.set(id, keys),
    forgetKeySets(below) {
      for (const id of keySets.keys()) if (id < below) keySets.delete(id);
    },
    append(deliveries) {
      const { metrics, fleet } = opened();
      const measured = deliveries.filter((one) => one.ticks !== null || one.processes.length > 0);
      if (measured.length > 0) metrics.append(measured, keySets);
      const writes = deliveries.flatMap(fleetWrites);
      if (writes.length > 0) fleet.write(writes);
    },
    history(request) {
      const { fromMs, toMs, maxPoints, workerId } = request;
      if (!(Number.isFinite(fromMs) && Number.isFinite(toMs) && fromMs < toMs)) {
        return fail('invalid-argument', 'The range must begin before it ends.');
      }
      if (!(Number.isInteger(maxPoints) && maxPoints >= 1 && maxPoints <= POINTS_MAX)) {
        return fail('invalid-argument', `maxPoints must be a whole number from 1 to ${POINTS_MAX}.`);
      }
      return read(() => ({ workerId, series: readHistory(opened().metrics.databases(), request) }));
    },
    series: (worker) => read(() => listSeries(opened().metrics.databases(), worker)),
    processesAt: (worker, atMs) =>
      read(() => {
        const found = askWorker(worker, (database, id) => database.snapshots.findNear(id, atMs));
        return found.reduce((best, one) => ((one?.atMs ?? -1) > (best?.atMs ?? -1) ? one : best), null);
      }),
    inventory: (worker) => attempt(() => opened().fleet.inventory(worker)),
    events: (worker, fromMs, toMs) => attempt(() => opened().fleet.events(worker, fromMs, toMs)),
    usage: () => read(() => measureUsage(opened().metrics.databases(), dataDir, settingsNow())),
    saveSetting(key, value) {
      const parsed = parseSetting(key, value);
      if (!parsed.ok) return parsed;
      return attempt(() => {
        opened().fleet.database().saveSetting(key, parsed.value, clock.nowMs());
        opened().upkeep.settingsChanged();
        return settingsNow();
      });
    },
    loadUiState: () => attempt(() => opened().fleet.database().uiState()),
    saveUiState: (state) =>
      attempt(() => {
        opened().fleet.database().saveUiState(state);
        return null;
      }),
    ...createTrustAnswers(() => opened().fleet, clock),
    ...createTaskAnswers(
      () => opened().fleet,
      () => opened().upkeep.mayForgetByAge(),
    ),
    work: () => parts?.upkeep.runSlice() ?? false,
    close() {
      if (parts === null) return;
      // What is still in memory gets its last chance.
      while (parts.metrics.resume());
      parts.metrics.close();
      parts.fleet.close();
      parts = null;
    },
  };

  function settingsNow(): Settings {
    return opened().fleet.database().settings();
  }
}

function fleetWrites({ workerId, inventory, events }: Delivery): readonly FleetWrite[] {
  const writes: FleetWrite[] = events.map((event) => ({ kind: 'event', workerId, event }));
  return inventory === null ? writes : [{ kind: 'inventory', workerId, inventory }, ...writes];
}

function rethrow(error: unknown): never {
  throw error;
}
