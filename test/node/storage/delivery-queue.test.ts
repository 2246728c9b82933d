import { describe, expect, test } from 'vitest';
import { createDeliveryQueue } from '../../../src/node/storage/delivery-queue.ts';
import type { StoreRequest } from '../../../src/node/storage/messages.ts';
import { WORKER } from './storage-fixture.ts';

function createQueue() {
  const posted: (number | string)[] = [];
  let dropped = 0;
  const queue = createDeliveryQueue({
    post: (request) => posted.push(request.kind === 'append' ? request.sequence : request.kind),
    inFlightMaxBytes: 200,
    waitingMaxBytes: 300,
    onDropped: (count) => {
      dropped += count;
    },
  });
  return { queue, posted, dropped: () => dropped };
}

function append(sequence: number): StoreRequest {
  const delivery = { workerId: WORKER, ticks: null, processes: [], inventory: null, events: [] };
  return { kind: 'append', sequence, delivery };
}

const question: StoreRequest = { kind: 'call', id: 1, method: 'usage', args: [] };

describe('deliveries on their way', () => {
  test('are handed over up to a bound, then as earlier ones are stored, questions in their place', () => {
    const { queue, posted } = createQueue();
    for (const sequence of [1, 2, 3]) queue.push(append(sequence), 100);
    queue.push(question, 0);
    expect(posted).toEqual([1, 2]);
    queue.stored(1);
    expect(posted).toEqual([1, 2, 3]);
    queue.stored(3);
    expect(posted).toEqual([1, 2, 3, 'call']);
  });

  test('give up the oldest that wait when a disk hangs, counted, and never a question', () => {
    const { queue, posted, dropped } = createQueue();
    queue.push(append(1), 100);
    queue.push(append(2), 100);
    queue.push(question, 0);
    for (const sequence of [3, 4, 5, 6, 7]) queue.push(append(sequence), 100);
    expect(dropped()).toBe(2);
    queue.stored(2);
    queue.stored(6);
    expect(posted).toEqual([1, 2, 'call', 5, 6, 7]);
  });

  test('are handed over again to a new thread unless they were stored', () => {
    const { queue, posted } = createQueue();
    queue.push(append(1), 80);
    queue.push(append(2), 80);
    queue.stored(1);
    queue.repeat();
    expect(posted).toEqual([1, 2, 2]);
  });
});
