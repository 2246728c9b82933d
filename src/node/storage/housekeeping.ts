/**
 * Everything the store does for itself, one slice at a time: rollups, packing, retention, backups, the check for damage,
 * and coming back to a disk that refused. Whoever waits for an answer waits for one slice at most.
 */
import { type Clock, DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../core/time.ts';
import type { Log } from '../../engine/ports.ts';
import { createClockTrust } from './clock-trust.ts';
import { describe, faultKind } from './fault.ts';
import type { FleetHome } from './fleet-home.ts';
import type { WritableMetrics } from './metrics-database.ts';
import type { MetricsHome } from './metrics-home.ts';
import { applyRetention } from './retention.ts';
import { nextRollup, type SlicedWork } from './rollup-writer.ts';
import { forgetUnusedLayouts, nextPacking } from './window-packer.ts';

/** How long after its end a bucket counts as closed: what a link or a slow collector delays. */
const ROLLUP_GRACE_MS = 3 * SECOND_MS;
const PACK_GRACE_MS = MINUTE_MS;
const PACK_LOOK_EVERY_MS = 15 * SECOND_MS;

/** Work done in one slice before messages are looked at again. */
const SLICE_MS = 8;

/** The check reads the whole file: not while the app is starting. */
const CHECK_AFTER_MS = 20 * SECOND_MS;
const CHECK_EVERY_MS = 7 * DAY_MS;

const RETRY_MS = SECOND_MS;
const RETENTION_EVERY_MS = 10 * MINUTE_MS;
const BACKUP_CHECK_EVERY_MS = HOUR_MS;

/** What happened on a machine is told this long. */
const EVENTS_KEPT_MS = 365 * DAY_MS;

export interface Housekeeping {
  /** True when more is waiting. */
  runSlice(): boolean;
  /** Retention may have changed: looks at it at once. */
  settingsChanged(): void;
  /** Whether the clock may be believed when it says that something is old. */
  mayForgetByAge(): boolean;
}

export interface HousekeepingOptions {
  readonly metrics: MetricsHome;
  readonly fleet: FleetHome;
  readonly clock: Clock;
  readonly log: Log;
  readonly checkFile: ((path: string) => Promise<string | null>) | null;
}

export function createHousekeeping({ metrics, fleet, clock, log, checkFile }: HousekeepingOptions): Housekeeping {
  let current: { readonly database: WritableMetrics; readonly work: SlicedWork } | null = null;
  let retryAtMs = 0;
  let packAtMs = 0;
  let retentionAtMs = 0;
  let backupAtMs = 0;
  let checkAtMs = clock.monotonicMs() + CHECK_AFTER_MS;
  const trust = createClockTrust(clock);

  function nextWork(database: WritableMetrics): SlicedWork | null {
    const nowMs = clock.nowMs();
    const found = nextRollup(database, nowMs - ROLLUP_GRACE_MS) ?? lookForPacking(database, nowMs);
    if (found !== null || clock.monotonicMs() < retentionAtMs) return found;
    retentionAtMs = clock.monotonicMs() + RETENTION_EVERY_MS;
    if (!mayForgetByAge()) {
      log.warn('The clock jumped far ahead: nothing is given up by age until it has held for a day.');
      return null;
    }
    fleet.forgetEventsBefore(nowMs - EVENTS_KEPT_MS);
    forgetUnusedLayouts(database);
    return applyRetention(database, fleet.database().settings(), nowMs);
  }

  function mayForgetByAge(): boolean {
    const database = metrics.writable();
    return database !== null && trust.isTrusted(newestRollupMs(database));
  }

  /** Looked for anew a little after nothing was found: at a tick a second, asking each time would cost as much as storing. */
  function lookForPacking(database: WritableMetrics, nowMs: number): SlicedWork | null {
    if (clock.monotonicMs() < packAtMs) return null;
    const found = nextPacking(database, nowMs - PACK_GRACE_MS);
    if (found === null) packAtMs = clock.monotonicMs() + PACK_LOOK_EVERY_MS;
    return found;
  }

  /** Goes on with what was begun, or begins the next. True when there was anything to do. */
  function step(): boolean {
    const database = metrics.writable();
    if (current !== null && current.database !== database) current = null;
    if (database === null) return false;
    if (current === null) {
      const work = nextWork(database);
      if (work === null) return false;
      current = { database, work };
    }
    if (current.work.next().done === true) current = null;
    return true;
  }

  function tryAgain(): boolean {
    const nowMs = clock.monotonicMs();
    if (nowMs < retryAtMs) return false;
    const isMore = metrics.resume();
    fleet.resume();
    if (!isMore) retryAtMs = nowMs + RETRY_MS;
    return isMore;
  }

  function backUpIfDue(): void {
    if (clock.monotonicMs() < backupAtMs) return;
    backupAtMs = clock.monotonicMs() + BACKUP_CHECK_EVERY_MS;
    fleet.backUp();
  }

  /**
   * Once a start after an unclean end, else once a week, a new file's first week included; some time after the start,
   * which must be quick.
   */
  function checkIfDue(): void {
    const database = metrics.writable();
    if (checkFile === null || database === null || clock.monotonicMs() < checkAtMs) return;
    checkAtMs = clock.monotonicMs() + CHECK_EVERY_MS;
    const checkedAtMs = database.facts.get('checked-at');
    if (metrics.wasClosed && checkedAtMs === 0) {
      settleCheck(database);
      return;
    }
    const sinceLastMs = clock.nowMs() - checkedAtMs;
    if (metrics.wasClosed && sinceLastMs < CHECK_EVERY_MS) return;
    void checkFile(metrics.path).then((problem) => {
      if (metrics.writable() !== database) return;
      if (problem !== null) metrics.setAside(problem);
      else settleCheck(database);
    });
  }

  function settleCheck(database: WritableMetrics): void {
    try {
      database.transact(() => database.facts.set('checked-at', clock.nowMs()));
    } catch (error) {
      metrics.handle(error);
    }
  }

  return {
    runSlice() {
      const endMs = performance.now() + SLICE_MS;
      try {
        metrics.sync();
        trust.look();
        checkIfDue();
        if (tryAgain()) return true;
        backUpIfDue();
        while (performance.now() < endMs) if (!step()) return false;
        return true;
      } catch (error) {
        current = null;
        if (faultKind(error) === 'bug') {
          log.error('Upkeep of the store failed.', { reason: describe(error) });
          return false;
        }
        metrics.handle(error);
        return false;
      }
    },
    settingsChanged() {
      retentionAtMs = 0;
    },
    mayForgetByAge,
  };
}

/** Start of the newest hour that was rolled up; what the clock said when it was last known to be right. */
function newestRollupMs({ connection }: WritableMetrics): number | null {
  const hour = connection
    .prepare<[], number | null>(
      'SELECT max((SELECT max(bucket) FROM rollups_1h r WHERE r.series = s.id)) FROM series s',
    )
    .pluck()
    .get();
  return hour === null || hour === undefined ? null : hour * HOUR_MS;
}
