/**
 * Where agents come in: listens where the settings say for as long as somebody is expected, and says how that goes.
 *
 * What cannot be had now (a port that another program holds, an address that this laptop gets back with its network) is
 * tried again and again: nobody has to restart anything.
 */
import { isLoopback, type ListenerView } from '../core/fleet/listener.ts';
import { ok, type Result } from '../core/result.ts';
import type { Settings } from '../core/settings/settings.ts';
import { type Disposable, SECOND_MS } from '../core/time.ts';
import { listeners } from '../engine/listeners.ts';
import type { LinkListener, Log, Timers } from '../engine/ports.ts';
import { firewallHint, networkInterfaces } from '../node/transport/addresses.ts';

const TRY_AGAIN_MS = 5 * SECOND_MS;

export interface Place {
  readonly address: string;
  readonly port: number;
}

export interface ListeningOptions {
  readonly listen: (place: Place) => Promise<Result<LinkListener>>;
  readonly settings: () => Settings;
  readonly timers: Timers;
  readonly log: Log;
}

export interface Listening extends Disposable {
  view(): ListenerView;
  onChange(listener: (view: ListenerView) => void): Disposable;
  /** Listens where the settings say, from now on also where they will say later. Answers why it cannot. */
  open(): Promise<Result<LinkListener>>;
  /** Moves to where the settings say now; does nothing while nobody is expected. */
  follow(): Promise<void>;
  /** Nobody is expected any more. */
  rest(): Promise<void>;
  /** The port in use, else the one that is set. */
  port(): number;
  dispose(): Promise<void>;
}

export function createListening({ listen, settings, timers, log }: ListeningOptions): Listening {
  const changes = listeners<[ListenerView]>();
  let current: { readonly listener: LinkListener; readonly place: Place } | null = null;
  let reason: string | null = null;
  let isExpected = false;
  let retry: Disposable | null = null;
  /** One change after the other: each begins where the one before ended. */
  let turn: Promise<unknown> = Promise.resolve();

  const place = (): Place => ({ address: settings()['listener.address'], port: settings()['listener.port'] });
  const port = () => current?.listener.port ?? place().port;

  function view(): ListenerView {
    const { address } = place();
    return {
      state: current !== null ? 'listening' : reason !== null ? 'failed' : 'resting',
      address,
      port: port(),
      reason,
      isLoopbackOnly: isLoopback(address),
      interfaces: networkInterfaces(),
      firewallHint: firewallHint(port()),
    };
  }

  function inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  }

  async function close(): Promise<void> {
    retry?.dispose();
    retry = null;
    const { listener } = current ?? {};
    current = null;
    await listener?.dispose();
  }

  async function openNow(): Promise<Result<LinkListener>> {
    const wanted = place();
    if (current !== null && isSame(current.place, wanted)) return ok(current.listener);
    await close();
    const opened = await listen(wanted);
    const isKnown = !opened.ok && opened.error.message === reason;
    if (opened.ok) {
      current = { listener: opened.value, place: wanted };
      reason = null;
      log.info('Listening for workers.', { address: wanted.address, port: opened.value.port });
    } else {
      reason = opened.error.message;
      if (!isKnown) log.warn('Cannot listen for workers.', { reason });
      retry = timers.after(TRY_AGAIN_MS, () => void inTurn(tryAgain));
    }
    if (!isKnown) changes.tell(view());
    return opened;
  }

  async function tryAgain(): Promise<void> {
    if (isExpected && current === null) await openNow();
  }

  function rest(): Promise<void> {
    isExpected = false;
    return inTurn(async () => {
      await close();
      reason = null;
      changes.tell(view());
    });
  }

  return {
    view,
    port,
    onChange: changes.add,
    open() {
      isExpected = true;
      return inTurn(openNow);
    },
    follow: () =>
      inTurn(async () => {
        if (isExpected) await openNow();
        else changes.tell(view());
      }),
    rest,
    dispose: rest,
  };
}

function isSame(one: Place, other: Place): boolean {
  return one.address === other.address && one.port === other.port;
}
