/**
 * The door to other machines. It rests, and nothing of it is loaded, until somebody is invited or enrolled; then it
 * listens, and the coordinator behind it knows every remote worker.
 */
import type { InvitationView, ListenerView } from '../core/fleet/listener.ts';
import type { WorkerId } from '../core/fleet/worker.ts';
import type { Level } from '../core/metrics/level.ts';
import { fail, ok, type Result } from '../core/result.ts';
import type { Admission } from '../core/scheduling/place.ts';
import type { Settings } from '../core/settings/settings.ts';
import type { StorageNotice } from '../core/storage-report.ts';
import { NO_LIMITS } from '../core/tasks/terms.ts';
import { type Clock, type Disposable, MINUTE_MS, SECOND_MS } from '../core/time.ts';
import type { Coordinator } from '../engine/coordinator.ts';
import type { Monitor } from '../engine/monitor.ts';
import type { Log, Store, StoreOpened, Timers } from '../engine/ports.ts';
import { packageVersion } from '../node/package-version.ts';
import { ownAddress, reachableAddresses } from '../node/transport/addresses.ts';
import { invitationView } from './invitation.ts';
import type { LazyTasks } from './lazy-tasks.ts';
import type { LinkParts } from './link-parts.ts';
import { createListening } from './listening.ts';
import { createLocalAgent } from './local-agent.ts';

/** Results of tasks that ended while Labwatch was away can wait until the start is over. */
const LEFTOVERS_AFTER_MS = 3 * SECOND_MS;
/** Keys that others can read, at the start: somebody may mend that. */
const LOAD_AGAIN_MS = 5 * SECOND_MS;
/** Codes of an earlier run may still be good for this long. */
const EARLIER_CODES_MS = 10 * MINUTE_MS;
/** A worker that was just removed comes back once more and is told so, instead of knocking at a closed door. */
const FAREWELL_MS = MINUTE_MS;

export interface FleetLinkOptions {
  readonly dataDir: string;
  readonly opened: Pick<StoreOpened, 'localWorker' | 'workers' | 'hasOpenInvitation'>;
  readonly store: Store;
  readonly monitor: Monitor;
  readonly tasks: LazyTasks;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly settings: () => Settings;
  readonly notices: () => readonly StorageNotice[];
}

export interface FleetLink extends Disposable {
  invite(): Promise<Result<InvitationView>>;
  /** Brings in a machine that waits to be dialled, by its code. */
  dial(code: string): Promise<Result<WorkerId>>;
  setLevel(workerId: WorkerId, level: Level): Promise<Result<null>>;
  refreshInventory(workerId: WorkerId): Promise<Result<null>>;
  updateAgent(workerId: WorkerId): Promise<Result<null>>;
  /** Null: nobody looks at a remote worker. */
  watchProcesses(workerId: WorkerId | null): void;
  rename(workerId: WorkerId, name: string): Promise<Result<null>>;
  remove(workerId: WorkerId): Promise<Result<null>>;
  setAdmission(workerId: WorkerId, admission: Admission): Promise<Result<null>>;
  /** A worker without a link is to be told something: this machine's own agent can be started. */
  summon(workerId: WorkerId): void;
  listener(): ListenerView;
  onListener(listener: (view: ListenerView) => void): Disposable;
  /** The listener's settings may have changed: resolves when it stands where they say, or has said why not. */
  follow(): Promise<void>;
  dispose(): Promise<void>;
}

export function createFleetLink(options: FleetLinkOptions): FleetLink {
  const { dataDir, opened, store, monitor, tasks, clock, timers, log, settings } = options;
  const localWorkerId = opened.localWorker.workerId;
  let parts: LinkParts | null = null;
  let loading: Promise<Result<LinkParts>> | null = null;
  /** Until then somebody may come who is not enrolled. */
  let isAwaitedUntilMs = 0;
  let review: Disposable | null = null;
  let watched: WorkerId | null = null;
  let dialAgain: Disposable | null = null;
  let isDisposed = false;

  const listening = createListening({
    settings,
    timers,
    log,
    async listen(place) {
      const loaded = await load();
      return loaded.ok ? loaded.value.listen(place) : loaded;
    },
  });
  const reachableAt = () => ({
    addresses: reachableAddresses(settings()['listener.address']),
    port: listening.port(),
  });
  const isNeeded = () =>
    tasks.hasWork(localWorkerId) || monitor.snapshot().workers.some(({ remote }) => remote?.dialledAt === null);

  const localAgent = createLocalAgent({
    ...{ dataDir, workerId: localWorkerId, clock, timers, log, door: tasks.door },
    name: () => monitor.worker(localWorkerId)?.name ?? opened.localWorker.name,
    hasWork: () => tasks.hasWork(localWorkerId),
    async open() {
      const listener = await listening.open();
      if (!listener.ok) return listener;
      const loaded = await load();
      if (!loaded.ok) return loaded;
      const { address, port } = listener.value;
      return ok({ address: ownAddress(address), port, fingerprint: loaded.value.fingerprint });
    },
    onAble(isAble) {
      monitor.setTasks(localWorkerId, isAble ? NO_LIMITS : null);
      if (isAble) return log.info('This machine can run tasks again.');
      log.error('This machine cannot run tasks; local-agent/agent.log in the data folder says why.');
      tasks.door.lost(localWorkerId);
    },
    onLeft: () => expectSomebody(0),
  });

  /** A failure (keys that others can read) is looked at again by the next who asks. */
  async function load(): Promise<Result<LinkParts>> {
    loading ??= openParts();
    const loaded = await loading;
    if (!loaded.ok) loading = null;
    return loaded;
  }

  async function openParts(): Promise<Result<LinkParts>> {
    const { openLinkParts } = await import('./link-parts.ts').catch(() => ({ openLinkParts: null }));
    // Built anew while it runs: the file that this run knows is gone.
    if (openLinkParts === null)
      return fail('internal', 'Labwatch was updated while it runs. Stop it and start it again.');
    // What workers tell of their attempts needs somebody who knows them.
    const known = await tasks.load();
    if (!known.ok) return known;
    const loaded = await openLinkParts(dataDir, {
      store,
      monitor,
      clock,
      timers,
      log,
      version: packageVersion(),
      reachableAt,
      lostAfterMs: () => settings()['workers.lostAfterSeconds'] * SECOND_MS,
      workers: opened.workers,
      localAgent: localAgent.known,
      tasks: localAgent.door,
      hasWork: tasks.hasWork,
    });
    if (loaded.ok) {
      parts = loaded.value;
      if (watched !== null) parts.coordinator.watchProcesses(watched);
    }
    return loaded;
  }

  async function ask(question: (coordinator: Coordinator) => Promise<Result<null>>): Promise<Result<null>> {
    const loaded = await load();
    return loaded.ok ? question(loaded.value.coordinator) : loaded;
  }

  /** Keeps the door open for `forMs`; afterwards it rests if nobody is enrolled by then. */
  function expectSomebody(forMs: number): void {
    isAwaitedUntilMs = Math.max(isAwaitedUntilMs, clock.monotonicMs() + forMs);
    review?.dispose();
    review = timers.after(Math.max(0, isAwaitedUntilMs - clock.monotonicMs()), () => {
      if (!isNeeded()) void listening.rest();
    });
  }

  async function invite(): Promise<Result<InvitationView>> {
    const objection = objectionTo(options.notices());
    if (objection !== null) return objection;
    const listener = await listening.open();
    // The instance is there and answers: `unavailable` would say that it is not.
    if (!listener.ok) return fail('not-permitted', listener.error.message);
    const loaded = await load();
    if (!loaded.ok) return loaded;
    const { coordinator, codeFor, fingerprint } = loaded.value;
    const invited = await coordinator.invite();
    expectSomebody(invited.ok ? invited.value.expiresAtMs - clock.nowMs() : 0);
    if (!invited.ok) return invited;
    const reachable = reachableAt();
    const code = codeFor(invited.value.secret, reachable);
    return ok(
      invitationView({ ...reachable, invitation: invited.value, code, fingerprint, listener: listening.view() }),
    );
  }

  /** Nothing has to listen for workers that are dialled. */
  function dialThose(): void {
    void load().then((loaded) => {
      if (loaded.ok || isDisposed) return;
      log.warn('Workers that wait cannot be dialled.', { reason: loaded.error.message });
      dialAgain = timers.after(LOAD_AGAIN_MS, dialThose);
    });
  }

  timers.after(LEFTOVERS_AFTER_MS, localAgent.summonForLeftovers);
  if (opened.hasOpenInvitation) expectSomebody(EARLIER_CODES_MS);
  const remotes = opened.workers.flatMap(({ remote }) => (remote === null ? [] : [remote]));
  if (opened.hasOpenInvitation || remotes.some(({ dialledAt }) => dialledAt === null)) void listening.open();
  if (remotes.some(({ dialledAt }) => dialledAt !== null)) dialThose();

  return {
    invite,
    async dial(code) {
      const objection = objectionTo(options.notices());
      if (objection !== null) return objection;
      const loaded = await load();
      if (!loaded.ok) return loaded;
      const dialled = await loaded.value.dial(code);
      return dialled.ok ? ok(dialled.value.workerId) : dialled;
    },
    setLevel: (workerId, level) => ask((coordinator) => coordinator.setLevel(workerId, level)),
    refreshInventory: (workerId) => ask((coordinator) => coordinator.refreshInventory(workerId)),
    updateAgent: (workerId) => ask((coordinator) => coordinator.updateAgent(workerId)),
    watchProcesses(workerId) {
      watched = workerId;
      parts?.coordinator.watchProcesses(workerId);
    },
    rename: (workerId, name) => ask((coordinator) => coordinator.rename(workerId, name)),
    async remove(workerId) {
      const removed = await ask((coordinator) => coordinator.remove(workerId));
      if (removed.ok) expectSomebody(FAREWELL_MS);
      return removed;
    },
    setAdmission: (workerId, admission) => ask((coordinator) => coordinator.setAdmission(workerId, admission)),
    summon(workerId) {
      if (workerId === localWorkerId) localAgent.summon();
    },
    listener: listening.view,
    onListener: listening.onChange,
    follow: listening.follow,
    async dispose() {
      isDisposed = true;
      review?.dispose();
      dialAgain?.dispose();
      localAgent.dispose();
      await loading;
      await parts?.dispose();
      await listening.dispose();
    },
  };
}

/** A worker that joined would be forgotten at the next start: nobody is invited to that. */
function objectionTo(notices: readonly StorageNotice[]) {
  const notice = notices.find(({ kind }) => kind === 'memory-only' || kind === 'newer-schema');
  switch (notice?.kind) {
    case 'memory-only':
      return fail('storage', `A worker that joined now would be forgotten: nothing can be stored (${notice.reason})`);
    case 'newer-schema':
      return fail(
        'read-only',
        `A worker that joined now would be forgotten: ${notice.file} was written by a newer Labwatch and is only read. Update Labwatch.`,
      );
    default:
      return null;
  }
}
