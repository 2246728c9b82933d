/** What a running instance does when asked over its control socket: the table of `shared/control/contract`, at work. */
import { fail, ok, type Result } from '../core/result.ts';
import type { Clock, Disposable } from '../core/time.ts';
import type { Log } from '../engine/ports.ts';
import { type ControlCall, listenControl } from '../node/control-socket.ts';
import { type ControlMethod, isControlMethod, type StatusReport } from '../shared/control/contract.ts';
import type { ControlHandlers } from './control-handlers.ts';
import { TASK_HANDLERS } from './control-tasks.ts';
import { WORKER_HANDLERS } from './control-workers.ts';
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
type Handlers = ControlHandlers<ControlMethod, Context>;

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
  ...WORKER_HANDLERS,
  ...TASK_HANDLERS,
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
  const handler = HANDLERS[method] as (params: unknown, context: Context) => Promise<Result<unknown>>;
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
