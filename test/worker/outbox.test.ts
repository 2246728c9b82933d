import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SampleBatch } from '../../src/core/metrics/sample.ts';
import { LIMITS } from '../../src/shared/protocol/contract.ts';
import { type Carrier, createOutbox } from '../../src/worker/outbox.ts';
import { openSpool } from '../../src/worker/spool.ts';
import { fakeTime } from '../engine/fake-time.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { tickAt, timesIn } from './batches.ts';

interface Sent {
  readonly sequence: number;
  readonly batch: SampleBatch;
  readonly isLate: boolean;
}

/** A link that notes what it is given. */
class Link implements Carrier {
  readonly sent: Sent[] = [];

  deliver(batch: SampleBatch, isLate: boolean): number {
    this.sent.push({ sequence: this.sent.length + 1, batch, isLate });
    return this.sent.length;
  }

  times(isLate: boolean): readonly number[] {
    return timesIn(this.sent.filter((one) => one.isLate === isLate).map(({ batch }) => batch));
  }
}

function outboxIn(folder = join(tempFolder(), 'spool')) {
  const time = fakeTime(0);
  const spool = openSpool({ folder, clock: time.clock });
  const outbox = createOutbox({ spool, clock: time.clock, timers: time.timers });
  const take = (link: Link, from = 0) => {
    for (let index = from; index < link.sent.length; index += 1) outbox.taken(link.sent[index]!.sequence);
  };
  return { time, spool, outbox, take, folder };
}

const seconds = (count: number, from = 0) => Array.from({ length: count }, (_, index) => (from + index) * 1_000);

describe('the outbox', () => {
  it('sends what is read at once, and writes nothing as long as it is taken', () => {
    const { time, spool, outbox } = outboxIn();
    const link = new Link();
    outbox.attach(link);
    for (const atMs of seconds(10)) {
      outbox.add(tickAt(atMs));
      expect(link.times(false).at(-1)).toBe(atMs);
      outbox.taken(link.sent.length);
      time.advance(1_000);
    }
    expect(spool.bytes()).toBe(0);
    expect(link.times(true)).toEqual([]);
  });

  it('keeps what is read without a link, and delivers it as history beside what is new', () => {
    const { time, spool, outbox, take } = outboxIn();
    for (const atMs of seconds(30)) outbox.add(tickAt(atMs));
    const link = new Link();
    outbox.attach(link);
    let taken = 0;
    for (const atMs of seconds(20, 30)) {
      outbox.add(tickAt(atMs));
      take(link, taken);
      taken = link.sent.length;
      time.advance(1_000);
    }
    expect(link.times(true)).toEqual(seconds(30));
    expect(link.times(false)).toEqual(seconds(20, 30));
    expect(spool.bytes()).toBe(0);
  });

  it('has two deliveries of history under way at most, and lets the present pass by', () => {
    const { outbox } = outboxIn();
    for (const atMs of seconds(3_000)) outbox.add(tickAt(atMs));
    const link = new Link();
    outbox.attach(link);
    for (const atMs of seconds(4, 3_000)) outbox.add(tickAt(atMs));
    expect(link.sent.filter(({ isLate }) => isLate).length).toBeLessThanOrEqual(2);
    expect(link.times(false)).toEqual(seconds(4, 3_000));
  });

  it('saves within two seconds what nobody has taken', () => {
    const { time, spool, outbox, folder } = outboxIn();
    outbox.attach(new Link());
    outbox.add(tickAt(0));
    expect(spool.bytes()).toBe(0);
    time.advance(2_000);
    // As after kill -9: another process opens what is on disk.
    const found = openSpool({ folder, clock: time.clock });
    expect(timesIn([found.next(1e6)!.batch])).toEqual([0]);
  });

  it('removes from the disk what is taken after all', () => {
    const { time, spool, outbox } = outboxIn();
    const link = new Link();
    outbox.attach(link);
    outbox.add(tickAt(0));
    time.advance(2_500);
    expect(spool.bytes()).toBeGreaterThan(0);
    outbox.taken(1);
    time.advance(4_000);
    outbox.add(tickAt(7_000));
    outbox.taken(2);
    expect(spool.bytes()).toBe(0);
    expect(link.times(true)).toEqual([]);
  });

  it('on a slow link keeps the newest waiting and makes history of the others', () => {
    const { time, outbox, take } = outboxIn();
    const link = new Link();
    outbox.attach(link);
    for (const atMs of seconds(20)) {
      outbox.add(tickAt(atMs));
      time.advance(1_000);
    }
    expect(link.times(false)).toEqual(seconds(LIMITS.deliveriesInFlight));
    take(link);
    expect(link.sent.find(({ sequence }) => sequence === LIMITS.deliveriesInFlight + 1)?.batch).toEqual(tickAt(19_000));
    for (let round = 0; round < 20; round += 1) {
      time.advance(500);
      take(link);
    }
    expect([...link.times(false), ...link.times(true)].sort((a, b) => a - b)).toEqual(seconds(20));
  });

  it('delivers once more what was taken just before a link ended: its coordinator may have died with it', () => {
    const { time, outbox, take } = outboxIn();
    const first = new Link();
    outbox.attach(first);
    for (const atMs of seconds(10)) {
      outbox.add(tickAt(atMs));
      take(first);
      time.advance(1_000);
    }
    outbox.detach();
    const second = new Link();
    outbox.attach(second);
    expect(second.times(true).length).toBeGreaterThanOrEqual(2);
    expect(second.times(true).at(-1)).toBe(9_000);
    expect(second.times(true)[0]).toBeGreaterThan(5_000);
  });

  it('tells the newest states and inventory on each link, and never as history', () => {
    const { outbox } = outboxIn();
    const old = [
      { collector: 'cpu', state: 'failing', reason: null, remedy: null, sinceMs: 0, skippedTicks: 0 },
    ] as const;
    const now = [{ ...old[0], state: 'ok' }] as const;
    outbox.add({ ...tickAt(0), collectors: old });
    outbox.add({ ...tickAt(1_000), collectors: now });
    for (let round = 0; round < 2; round += 1) {
      const link = new Link();
      outbox.attach(link);
      expect(link.sent[0]).toMatchObject({ isLate: false, batch: { collectors: now } });
      expect(link.sent.slice(1).filter(({ batch }) => batch.collectors !== undefined)).toEqual([]);
      outbox.detach();
    }
  });

  it('settles when all that is new was taken, or its time is up', async () => {
    const { time, outbox } = outboxIn();
    await outbox.settled(1_000);
    const link = new Link();
    outbox.attach(link);
    outbox.add(tickAt(0));
    let isSettled = false;
    const settled = outbox.settled(60_000).then(() => {
      isSettled = true;
    });
    await Promise.resolve();
    expect(isSettled).toBe(false);
    outbox.taken(1);
    await settled;
    outbox.add(tickAt(1_000));
    const late = outbox.settled(1_000);
    time.advance(1_000);
    await late;
  });

  it('gets every tick across, whatever the link and the coordinator do', () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.constant('tick' as const) },
      { weight: 3, arbitrary: fc.constant('answers' as const) },
      { weight: 3, arbitrary: fc.constant('time' as const) },
      { weight: 1, arbitrary: fc.constant('link' as const) },
      { weight: 1, arbitrary: fc.constant('link-ends' as const) },
      // Whatever was taken within the last second is gone with it.
      { weight: 1, arbitrary: fc.constant('coordinator-killed' as const) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const { time, outbox, spool } = outboxIn();
        const stored = new Map<number, number>();
        let link: Link | null = null;
        let answered = 0;
        let next = 0;
        const answer = () => {
          for (; link !== null && answered < link.sent.length; answered += 1) {
            const { batch, sequence } = link.sent[answered]!;
            for (const atMs of timesIn([batch])) if (!stored.has(atMs)) stored.set(atMs, time.clock.monotonicMs());
            outbox.taken(sequence);
          }
        };
        for (const one of [
          ...steps,
          'link' as const,
          ...Array.from({ length: 60 }, () => ['time', 'answers'] as const).flat(),
        ]) {
          if (one === 'tick') {
            outbox.add(tickAt(next));
            next += 1_000;
          } else if (one === 'answers') answer();
          else if (one === 'time') time.advance(400);
          else if (one === 'link') {
            link = new Link();
            answered = 0;
            outbox.attach(link);
          } else {
            if (one === 'coordinator-killed' && link !== null) {
              const nowMs = time.clock.monotonicMs();
              for (const [atMs, storedAtMs] of stored) if (nowMs - storedAtMs < 1_000) stored.delete(atMs);
            }
            link = null;
            outbox.detach();
          }
        }
        expect([...stored.keys()].sort((a, b) => a - b)).toEqual(seconds(next / 1_000));
        spool.dispose();
      }),
      { numRuns: 150 },
    );
  });
});
