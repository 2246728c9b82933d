/** Asks the coordinator for its time: a few times at once on a new link, then now and then. */
import type { Clock, Disposable } from '../core/time.ts';
import type { Timers } from '../engine/ports.ts';
import type { Ping, Pong } from '../shared/protocol/contract.ts';
import type { AnsweredPing } from './clock-readings.ts';

/** Asked in a row: one of them will not have met a busy moment. */
const FIRST_ASKED = 4;
const ASK_EVERY_MS = 15_000;

export interface Pinger extends Disposable {
  /** Asks now, unless an answer is waited for. */
  ask(): void;
  isWaiting(): boolean;
  answered(pong: Pong): void;
  dispose(): void;
}

export interface PingerOptions {
  readonly machine: Clock;
  readonly timers: Timers;
  readonly send: (ping: Ping) => void;
  readonly onAnswer: (ping: AnsweredPing) => void;
}

export function createPinger({ machine, timers, send, onAnswer }: PingerOptions): Pinger {
  let id = 0;
  let open: { readonly wallMs: number; readonly monotonicMs: number } | null = null;
  let timer: Disposable | null = null;

  function ask(): void {
    if (open !== null) return;
    void timer?.dispose();
    id += 1;
    open = { wallMs: machine.nowMs(), monotonicMs: machine.monotonicMs() };
    send({ kind: 'ping', id });
  }

  return {
    ask,
    isWaiting: () => open !== null,
    answered(pong) {
      if (open === null || pong.id !== id) return;
      const monotonicMs = machine.monotonicMs();
      const roundTripMs = monotonicMs - open.monotonicMs;
      const sentWallMs = open.wallMs;
      open = null;
      timer = timers.after(id < FIRST_ASKED ? 0 : ASK_EVERY_MS, ask);
      onAnswer({ sentWallMs, roundTripMs, theirWallMs: pong.atMs, monotonicMs });
    },
    dispose() {
      void timer?.dispose();
      timer = null;
    },
  };
}
