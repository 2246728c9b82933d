/** What a running instance does when asked over its control socket: the table of `shared/control/contract`, at work. */
import type { WorkerView } from '../core/fleet/worker.ts';
import { fail, ok, type Result } from '../core/result.ts';
import type { Clock, Disposable } from '../core/time.ts';
import type { Log } from '../engine/ports.ts';
import { type ControlCall, listenControl } from '../node/control-socket.ts';
import {
  type ControlMethod,
  type ControlMethods,
  isControlMethod,
  type StatusReport,
} from '../shared/control/contract.ts';
import type { Instance } from './instance.ts';
import type { InstanceLock } from './instance-lock.ts';

export interface ControlOptions {
  readonly instance: Instance;
  readonly lock: InstanceLock;
  readonly clock: Clock;
  readonly log: Log;
  /** Shows the window; null where there is none. */
  readonly onFocus: (() => void) | null;
  /** Begins an orderly end of the process. */
  readonly onStop: () => void;
}

type Context = ControlOptions & { readonly call: ControlCall };

type Handlers = {
  readonly [Name in ControlMethod]: (
    params: ControlMethods[Name]['params'],
    context: Context,
  ) => Result<ControlMethods[Name]['value']> | Promise<Result<ControlMethods[Name]['value']>>;
};

/** Serves until disposed. Fails with `unavailable` where the socket cannot be made. */
export function serveControl(options: ControlOptions): Promise<Result<Disposable>> {
  return listenControl({
    socketPath: options.lock.holder.socketPath,
    handle: (call) => answerCall({ ...options, call }),
    onBug: (error, method) => options.log.error('A control request failed', { method, error: String(error) }),
  });
}

const HANDLERS: Handlers = {
  status: (_params, context) => ok(statusOf(context)),
  watch: (_params, context) => streamFleet(context),
  'settings.list': (_params, { instance }) => ok(instance.settings()),
  'settings.get': ({ key }, { instance }) => ok(instance.settings()[key]),
  'settings.set': ({ key, value }, { instance }) => instance.changeSetting(key, value),
  async 'level.set'({ worker, level }, { instance }) {
    if (worker === undefined) return instance.setLevel(instance.localWorkerId, level);
    const found = findWorker(instance, worker);
    return found.ok ? instance.setLevel(found.value.workerId, level) : found;
  },
  'workers.invite': (_params, { instance }) => instance.invite(),
  async 'workers.rename'({ worker, name }, { instance }) {
    const found = findWorker(instance, worker);
    if (!found.ok) return found;
    const renamed = await instance.renameWorker(found.value.workerId, name);
    return renamed.ok ? findWorker(instance, found.value.workerId) : renamed;
  },
  async 'workers.remove'({ worker }, { instance }) {
    const found = findWorker(instance, worker);
    if (!found.ok) return found;
    const removed = await instance.removeWorker(found.value.workerId);
    return removed.ok ? found : removed;
  },
  async 'workers.label'({ worker, changes }, { instance }) {
    const found = findWorker(instance, worker);
    if (!found.ok) return found;
    const labelled = await instance.labelWorker(found.value.workerId, changes);
    return labelled.ok ? findWorker(instance, found.value.workerId) : labelled;
  },
  async 'workers.price'({ worker, pricePerHour }, { instance }) {
    const found = findWorker(instance, worker);
    if (!found.ok) return found;
    const priced = await instance.setPrice(found.value.workerId, pricePerHour);
    return priced.ok ? findWorker(instance, found.value.workerId) : priced;
  },
  async 'workers.show'({ worker }, { instance }) {
    const found = findWorker(instance, worker);
    if (!found.ok) return found;
    const inventory = await instance.store.inventory(found.value.workerId);
    return inventory.ok ? ok({ worker: found.value, inventory: inventory.value }) : inventory;
  },
  async 'workers.refresh'({ worker }, { instance }) {
    const found = findWorker(instance, worker);
    if (!found.ok) return found;
    const asked = await instance.refreshInventory(found.value.workerId);
    // The instance is there and answers: `unavailable` would say that it is not.
    return asked.ok || asked.error.code !== 'unavailable' ? asked : fail('not-permitted', asked.error.message);
  },
  listener: (_params, { instance }) => ok(instance.listener()),
  doctor: async (_params, context) => {
    const { instance } = context;
    const usage = await instance.store.usage();
    return ok({
      ...statusOf(context),
      nodeVersion: process.versions.node,
      logsDir: instance.logsDir,
      usage: usage.ok ? usage.value : null,
      usageProblem: usage.ok ? null : usage.error.message,
    });
  },
  focus: (_params, { onFocus }) => {
    if (onFocus === null) return fail('unavailable', 'labwatch headless has no window to show.');
    onFocus();
    return ok(null);
  },
  stop: (_params, { onStop }) => {
    // The answer must leave before the socket closes.
    setImmediate(onStop);
    return ok(null);
  },
};

async function answerCall(context: Context): Promise<Result<unknown>> {
  const { method, params } = context.call;
  if (!isControlMethod(method)) {
    return fail('not-found', `Labwatch ${context.lock.holder.version} does not know the request ${method}.`);
  }
  const { CONTROL_PARAMS, describeParamsError } = await import('../shared/control/schemas.ts');
  const parsed = CONTROL_PARAMS[method].safeParse(params);
  if (!parsed.success) return fail('invalid-argument', describeParamsError(parsed.error));
  const handler = HANDLERS[method] as (params: unknown, context: Context) => ReturnType<Handlers[ControlMethod]>;
  return handler(parsed.data, context);
}

function statusOf({ instance, lock, clock }: Context): StatusReport {
  const { kind, version, sinceMs, identity } = lock.holder;
  return {
    instance: {
      kind: kind === 'app' ? 'app' : 'headless',
      version,
      pid: identity.pid,
      sinceMs,
      dataDir: instance.dataDir,
    },
    nowMs: clock.nowMs(),
    workers: instance.monitor.snapshot().workers,
    notices: instance.notices(),
  };
}

/** By id, else by name. Names are unique, and none is another's id. */
function findWorker({ monitor }: Instance, text: string): Result<WorkerView> {
  const { workers } = monitor.snapshot();
  const name = text.normalize('NFC').trim();
  const found = workers.find((one) => one.workerId === name) ?? workers.find((one) => one.name === name);
  return found === undefined
    ? fail('not-found', `There is no worker called ${text}. \`labwatch workers\` lists those there are.`)
    : ok(found);
}

/** Patches as they come; a client that reads too slowly gets a fresh snapshot instead of a growing queue. */
function streamFleet({ instance, call, clock }: Context): Promise<Result<null>> {
  const sendSnapshot = () =>
    call.emit({ kind: 'snapshot', nowMs: clock.nowMs(), snapshot: instance.monitor.snapshot() });
  let hasMissed = false;
  return new Promise((resolve) => {
    const subscription = instance.monitor.onPatch((patch) => {
      if (call.isBehind()) hasMissed = true;
      else if (hasMissed) {
        hasMissed = false;
        sendSnapshot();
      } else call.emit({ kind: 'patch', nowMs: clock.nowMs(), patch });
    });
    sendSnapshot();
    const end = () => {
      void subscription.dispose();
      resolve(ok(null));
    };
    if (call.signal.aborted) end();
    else call.signal.addEventListener('abort', end, { once: true });
  });
}
