/** Workers that could not take an order for a reason of their own: nothing new goes there for a while, longer each time. */
import type { WorkerId } from '../../core/fleet/worker.ts';
import { formatDuration } from '../../core/metrics/format.ts';
import { type Disposable, MINUTE_MS } from '../../core/time.ts';
import type { Timers } from '../ports.ts';

const FIRST_MS = MINUTE_MS;
const MOST_MS = 16 * MINUTE_MS;

export interface TroublesOptions {
  readonly timers: Timers;
  /** A sentence for whoever looks at the worker. */
  readonly tell: (workerId: WorkerId, message: string) => void;
  readonly onOver: () => void;
}

export interface Troubles extends Disposable {
  /** `message`: what it answered. Several answers of one moment count as one. */
  heard(workerId: WorkerId, message: string): void;
  /** It took what it was given. */
  calmed(workerId: WorkerId): void;
  /** What it answered, while nothing new goes there; null otherwise. */
  of(workerId: WorkerId): string | null;
  dispose(): void;
}

interface Trouble {
  readonly message: string;
  readonly lastsMs: number;
  /** Null once it may be tried again. */
  readonly timer: Disposable | null;
}

export function createTroubles({ timers, tell, onOver }: TroublesOptions): Troubles {
  const troubles = new Map<WorkerId, Trouble>();

  function end(workerId: WorkerId): void {
    const trouble = troubles.get(workerId);
    if (trouble === undefined) return;
    troubles.set(workerId, { ...trouble, timer: null });
    onOver();
  }

  return {
    heard(workerId, message) {
      const before = troubles.get(workerId);
      if (before !== undefined && before.timer !== null) return;
      const lastsMs = before === undefined ? FIRST_MS : Math.min(2 * before.lastsMs, MOST_MS);
      troubles.set(workerId, { message, lastsMs, timer: timers.after(lastsMs, () => end(workerId)) });
      tell(workerId, `A task was given back: ${message} Nothing new goes there for ${formatDuration(lastsMs)}.`);
    },
    calmed(workerId) {
      if (troubles.get(workerId)?.timer === null) troubles.delete(workerId);
    },
    of(workerId) {
      const trouble = troubles.get(workerId);
      return trouble === undefined || trouble.timer === null ? null : trouble.message;
    },
    dispose() {
      for (const { timer } of troubles.values()) timer?.dispose();
    },
  };
}
