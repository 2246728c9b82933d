/**
 * Workers that wait to be dialled: finds each of them where it waits, and looks for it again whenever its link has ended,
 * for as long as it is enrolled.
 */
import { createBackOff } from '../core/coordination/back-off.ts';
import { type DialPlace, dialPlaceText, withBestAddress } from '../core/fleet/dial-place.ts';
import type { WorkerId } from '../core/fleet/worker.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { type Clock, type Disposable, SECOND_MS } from '../core/time.ts';
import type { Dialling } from '../engine/admission.ts';
import type { Coordinator } from '../engine/coordinator.ts';
import type { EnrolledWorker, Log, Timers } from '../engine/ports.ts';
import { type DialledLink, dialLink } from '../node/transport/dialling.ts';
import type { Identity } from '../node/transport/identity.ts';
import type { ListeningCode } from '../node/transport/listening-code.ts';

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10 * SECOND_MS;
/** A link that held so long was a good one: the next try comes soon. */
const GOOD_LINK_MS = 10 * SECOND_MS;
/** One address after the other: a machine that is switched off should not keep the next one waiting for long. */
const CONNECT_MS = 3 * SECOND_MS;
const ASK_MS = 8 * SECOND_MS;

export interface DiallerOptions {
  readonly identity: Pick<Identity, 'privateKeyPem' | 'certificatePem'>;
  readonly coordinator: Pick<Coordinator, 'meet'>;
  readonly isEnrolled: (workerId: WorkerId) => boolean;
  readonly clock: Clock;
  readonly timers: Timers;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly log: Log;
}

export interface Dialler extends Disposable {
  /**
   * Dials the machine whose code this is; once it is a worker it is kept. `not-permitted`, with what to do, where it
   * cannot be reached or does not take the code.
   */
  pair(code: ListeningCode): Promise<Result<EnrolledWorker>>;
  /** Looks for a worker that waits from now on; does nothing for one that dials. */
  keep(worker: EnrolledWorker): void;
}

/** A link to whoever was looked for, and the place with the address that led there at its head. */
interface Reached extends Pick<DialledLink, 'closed'> {
  readonly worker: EnrolledWorker;
  readonly place: DialPlace;
}

interface Unreached {
  /** Somebody is there, who does not want a link with this side. */
  readonly isAnswered: boolean;
  /** This side's own word against whoever is there. */
  readonly refusal: string | null;
  /** For each address. */
  readonly reasons: string;
}

type Outcome = { readonly reached: Reached } | { readonly reached: null; readonly why: Unreached };

export function createDialler(options: DiallerOptions): Dialler {
  const { identity, coordinator, clock, timers, log } = options;
  const kept = new Map<WorkerId, AbortController>();
  const pairing = new AbortController();

  /** Each address in turn, up to the one where it is. */
  async function reach(place: DialPlace, how: (at: DialPlace) => Dialling, signal: AbortSignal): Promise<Outcome> {
    const reasons: string[] = [];
    let isAnswered = false;
    let refusal: string | null = null;
    for (const address of place.addresses) {
      if (signal.aborted) break;
      const at = withBestAddress(place, address);
      const { port } = place;
      const dialled = await dialLink({ address, port, identity, connectMs: CONNECT_MS, askMs: ASK_MS, signal });
      const met = dialled.ok ? await coordinator.meet(dialled.value.link, how(at)) : dialled;
      if (dialled.ok && met.ok) return { reached: { worker: met.value, place: at, closed: dialled.value.closed } };
      if (met.ok) continue;
      isAnswered ||= dialled.ok || met.error.code === 'not-permitted';
      if (dialled.ok && met.error.code === 'not-permitted') refusal = met.error.message;
      reasons.push(`${dialPlaceText(at)}: ${met.error.message.replace(/\.$/, '')}`);
    }
    return { reached: null, why: { isAnswered, refusal, reasons: reasons.join('; ') } };
  }

  function wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        void timer.dispose();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = timers.after(ms, end);
      signal.addEventListener('abort', end);
    });
  }

  /** Until it is enrolled no more, or `signal` is aborted; `first` is a link that is there already. */
  async function attend(worker: EnrolledWorker, first: Reached | null, signal: AbortSignal): Promise<void> {
    const { workerId } = worker;
    const backOff = createBackOff({ firstMs: FIRST_WAIT_MS, mostMs: LONGEST_WAIT_MS, random: options.random });
    const dialling: Dialling = { kind: 'worker', workerId };
    let place = first?.place ?? worker.remote?.dialledAt ?? null;
    let reached = first;
    let toldReasons = '';
    while (place !== null && !signal.aborted && options.isEnrolled(workerId)) {
      if (reached === null) {
        const outcome = await reach(place, () => dialling, signal);
        const reasons = outcome.reached === null ? outcome.why.reasons : '';
        if (reasons !== toldReasons) toldReasons = tell(worker, reasons);
        reached = outcome.reached;
      }
      if (reached !== null) {
        place = reached.place;
        const sinceMs = clock.monotonicMs();
        await reached.closed;
        if (clock.monotonicMs() - sinceMs >= GOOD_LINK_MS) backOff.reset();
        reached = null;
      }
      if (!signal.aborted) await wait(backOff.nextMs(), signal);
    }
  }

  function tell({ name }: EnrolledWorker, reasons: string): string {
    if (reasons !== '') log.warn('A worker that waits to be dialled was not reached.', { worker: name, reasons });
    return reasons;
  }

  function begin(worker: EnrolledWorker, first: Reached | null): void {
    kept.get(worker.workerId)?.abort();
    const ended = new AbortController();
    kept.set(worker.workerId, ended);
    void attend(worker, first, ended.signal).then(() => {
      if (kept.get(worker.workerId) === ended) kept.delete(worker.workerId);
    });
  }

  return {
    async pair({ secret, ...place }) {
      const outcome = await reach(place, (at) => ({ kind: 'code', secret, place: at }), pairing.signal);
      if (outcome.reached === null) return fail('not-permitted', wordsFor(outcome.why));
      const { worker } = outcome.reached;
      begin(worker, outcome.reached);
      return ok(worker);
    },
    keep(worker) {
      if (worker.remote?.dialledAt != null) begin(worker, null);
    },
    dispose() {
      pairing.abort();
      for (const ended of kept.values()) ended.abort();
    },
  };
}

function wordsFor({ isAnswered, refusal, reasons }: Unreached): string {
  if (refusal !== null) return refusal;
  return isAnswered
    ? `The machine does not take this code (${reasons}). It may have been used, or be an old one: run \`labwatch worker listen\` there for a new one.`
    : `The machine cannot be reached (${reasons}). Does \`labwatch worker listen\` still wait there? A code is good for ten minutes.`;
}
