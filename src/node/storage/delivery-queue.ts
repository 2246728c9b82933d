/**
 * Messages on their way to the store's thread, in order, with a bound on what deliveries may weigh.
 *
 * A delivery is kept until the thread says it is stored, so that a thread that dies takes nothing with it. When the thread
 * cannot keep up (a disk that hangs), the oldest deliveries not yet handed over go first, counted.
 */
import type { StoreRequest } from './messages.ts';

export interface DeliveryQueueOptions {
  readonly post: (request: StoreRequest) => void;
  /** Handed over and not yet stored at most, bytes. */
  readonly inFlightMaxBytes: number;
  /** Waiting to be handed over at most, bytes. */
  readonly waitingMaxBytes: number;
  readonly onDropped: (deliveries: number) => void;
}

interface Entry {
  readonly request: StoreRequest;
  readonly bytes: number;
}

export interface DeliveryQueue {
  push(request: StoreRequest, bytes: number): void;
  /** Everything up to this delivery is stored. */
  stored(sequence: number): void;
  /** Hands over again what was not stored: to a new thread. */
  repeat(): void;
}

export function createDeliveryQueue(options: DeliveryQueueOptions): DeliveryQueue {
  let inFlight: Entry[] = [];
  let waiting: Entry[] = [];
  let inFlightBytes = 0;
  let waitingBytes = 0;

  function handOver(entry: Entry): void {
    if (entry.request.kind === 'append') {
      inFlight.push(entry);
      inFlightBytes += entry.bytes;
    }
    options.post(entry.request);
  }

  function pump(): void {
    let next = 0;
    while (next < waiting.length && inFlightBytes < options.inFlightMaxBytes) {
      const entry = waiting[next] as Entry;
      waitingBytes -= entry.bytes;
      handOver(entry);
      next += 1;
    }
    if (next > 0) waiting = waiting.slice(next);
  }

  function trim(): void {
    let dropped = 0;
    while (waitingBytes > options.waitingMaxBytes) {
      const oldest = waiting.findIndex((entry) => entry.request.kind === 'append');
      if (oldest < 0) break;
      waitingBytes -= waiting[oldest]?.bytes ?? 0;
      waiting.splice(oldest, 1);
      dropped += 1;
    }
    if (dropped > 0) options.onDropped(dropped);
  }

  return {
    push(request, bytes) {
      waiting.push({ request, bytes });
      waitingBytes += bytes;
      pump();
      trim();
    },
    stored(sequence) {
      let done = 0;
      for (const { request, bytes } of inFlight) {
        if (request.kind !== 'append' || request.sequence > sequence) break;
        inFlightBytes -= bytes;
        done += 1;
      }
      inFlight = inFlight.slice(done);
      pump();
    },
    repeat() {
      for (const { request } of inFlight) options.post(request);
    },
  };
}
