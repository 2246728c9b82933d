import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  DROP_AFTER_MS,
  type Effect,
  type LinkState,
  newLinkState,
  type Stimulus,
  step,
  UNREACHABLE_AFTER_MS,
} from '../../../src/core/coordination/link-state.ts';

const START_MS = Date.UTC(2026, 0, 1);
const LOST_AFTER_MS = 120_000;
const looked: Stimulus = { kind: 'looked', lostAfterMs: LOST_AFTER_MS, isAlone: false };

/** A link that is fed at moments counted from its start. */
function follow(heardAtMs: number | null = null) {
  let state: LinkState = newLinkState(heardAtMs, 0);
  const effects: (Effect & { readonly atMs: number })[] = [];
  const feed = (atMs: number, stimulus: Stimulus) => {
    const next = step(state, stimulus, { monotonicMs: atMs, wallMs: START_MS + atMs });
    state = next.state;
    for (const effect of next.effects) effects.push({ ...effect, atMs });
  };
  return {
    feed,
    state: () => state,
    effects,
    /** Looks each half second. */
    lookUntil(fromMs: number, toMs: number, stimulus = looked) {
      for (let atMs = fromMs; atMs <= toMs; atMs += 500) feed(atMs, stimulus);
    },
    records: () => effects.flatMap((effect) => (effect.kind === 'record' ? [effect.event] : [])),
    shown: () => effects.flatMap((effect) => (effect.kind === 'show' ? [effect.reach] : [])),
  };
}

describe('the link of a worker', () => {
  test('is unreachable 5 s after its link ended, lost after the limit, and back when it is linked again', () => {
    const link = follow();
    link.feed(0, { kind: 'linked' });
    link.feed(1_000, { kind: 'heard' });
    link.feed(2_000, { kind: 'unlinked' });
    link.lookUntil(2_500, 6_500);
    expect(link.shown()).toEqual(['online']);
    link.lookUntil(7_000, 200_000);
    expect(link.effects.slice(1)).toEqual([
      { kind: 'show', reach: 'unreachable', awaySinceMs: START_MS + 1_000, atMs: 7_000 },
      { kind: 'record', event: 'unreachable', awayMs: 6_000, atMs: 7_000 },
      { kind: 'show', reach: 'lost', awaySinceMs: START_MS + 1_000, atMs: 122_000 },
      { kind: 'record', event: 'lost', awayMs: 121_000, atMs: 122_000 },
    ]);
    link.feed(300_000, { kind: 'linked' });
    expect(link.effects.slice(-2)).toEqual([
      { kind: 'show', reach: 'online', atMs: 300_000 },
      { kind: 'record', event: 'back', awayMs: 299_000, atMs: 300_000 },
    ]);
  });

  test('an outage shorter than the grace leaves no trace, however often it happens', () => {
    const link = follow();
    link.feed(0, { kind: 'linked' });
    for (let round = 0; round < 20; round += 1) {
      const startMs = round * 10_000;
      link.feed(startMs + 100, { kind: 'unlinked' });
      link.lookUntil(startMs + 500, startMs + 5_000);
      link.feed(startMs + 5_050, { kind: 'linked' });
    }
    expect(link.effects.map(({ kind }) => kind)).toEqual(['show']);
  });

  test('is asked for a sign of life each 2 s, only while it says nothing, and is unreachable when it stays silent', () => {
    const link = follow();
    link.feed(0, { kind: 'linked' });
    for (let atMs = 500; atMs <= 10_000; atMs += 500) {
      if (atMs % 1_000 === 0) link.feed(atMs, { kind: 'heard' });
      link.feed(atMs, looked);
    }
    expect(link.effects.map(({ kind }) => kind)).toEqual(['show']);
    link.lookUntil(10_500, 16_000);
    expect(link.effects.slice(1)).toMatchObject([
      { kind: 'ping', atMs: 12_000 },
      { kind: 'ping', atMs: 14_000 },
      { kind: 'show', reach: 'unreachable', atMs: 15_000 },
      { kind: 'record', event: 'unreachable', atMs: 15_000 },
      { kind: 'ping', atMs: 16_000 },
    ]);
    link.feed(16_100, { kind: 'heard' });
    expect(link.records()).toEqual(['unreachable', 'back']);
  });

  test('a link on which nothing is heard any more is given up', () => {
    const link = follow();
    link.feed(0, { kind: 'linked' });
    link.lookUntil(500, DROP_AFTER_MS);
    expect(link.effects.at(-1)).toEqual({ kind: 'drop-link', atMs: DROP_AFTER_MS });
  });

  test('a worker that does not come back after a start of the coordinator is unreachable, without an event, then lost', () => {
    const link = follow(START_MS - 86_400_000);
    link.lookUntil(500, LOST_AFTER_MS);
    expect(link.effects).toEqual([
      { kind: 'show', reach: 'unreachable', awaySinceMs: START_MS - 86_400_000, atMs: UNREACHABLE_AFTER_MS },
      { kind: 'show', reach: 'lost', awaySinceMs: START_MS - 86_400_000, atMs: LOST_AFTER_MS },
      { kind: 'record', event: 'lost', awayMs: 86_400_000 + LOST_AFTER_MS, atMs: LOST_AFTER_MS },
    ]);
  });

  test('a worker that comes back soon after a start of the coordinator was never away', () => {
    const link = follow(START_MS - 86_400_000);
    link.lookUntil(500, 20_000);
    link.feed(20_100, { kind: 'linked' });
    expect(link.records()).toEqual([]);
    expect(link.shown()).toEqual(['unreachable', 'online']);
  });

  test('the coordinator’s own absence is nobody’s fault: the grace starts over, and the time until lost as well', () => {
    const link = follow();
    link.feed(0, { kind: 'linked' });
    link.feed(100, { kind: 'unlinked' });
    link.feed(3_600_000, { kind: 'resumed' });
    link.feed(3_600_000, looked);
    link.lookUntil(3_600_500, 3_604_500);
    expect(link.shown()).toEqual(['online']);
    link.lookUntil(3_605_000, 3_700_000);
    expect(link.shown()).toEqual(['online', 'unreachable']);
    expect(link.records()).toEqual([]);
    link.feed(3_700_500, { kind: 'resumed' });
    link.lookUntil(3_700_500, 3_820_000);
    expect(link.shown()).toEqual(['online', 'unreachable']);
    link.lookUntil(3_820_500, 3_821_000);
    expect(link.records()).toEqual(['lost']);
  });

  test('nobody becomes lost while the coordinator has no network', () => {
    const link = follow();
    link.feed(0, { kind: 'linked' });
    link.feed(100, { kind: 'unlinked' });
    link.lookUntil(500, 1_000_000, { ...looked, isAlone: true } as Stimulus);
    expect(link.shown()).toEqual(['online', 'unreachable']);
    link.lookUntil(1_000_500, 1_119_500);
    expect(link.records()).toEqual(['unreachable']);
    link.lookUntil(1_120_000, 1_120_500);
    expect(link.records()).toEqual(['unreachable', 'lost']);
  });

  test('what cannot happen is a bug and says with what state', () => {
    const state = newLinkState(null, 0);
    expect(() => step(state, { kind: 'heard' }, { monotonicMs: 1, wallMs: 1 })).toThrow(/awaited/);
    expect(() => step(state, { kind: 'unlinked' }, { monotonicMs: 1, wallMs: 1 })).toThrow(/awaited/);
  });

  test('whatever happens in whatever order: what is shown is what lasted, and the history tells no end without a beginning', () => {
    const happening = fc.record({
      kind: fc.constantFrom('linked', 'unlinked', 'heard', 'looked', 'resumed'),
      afterMs: fc.integer({ min: 0, max: 40_000 }),
      isAlone: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
        const link = follow(START_MS - 1_000);
        let atMs = 0;
        let lastSignMs = 0;
        let isAway = false;
        for (const { kind, afterMs, isAlone } of happenings) {
          atMs += afterMs;
          if ((kind === 'unlinked' || kind === 'heard') && !link.state().isLinked) continue;
          const before = link.effects.length;
          link.feed(atMs, (kind === 'looked' ? { ...looked, isAlone } : { kind }) as Stimulus);
          for (const effect of link.effects.slice(before)) {
            if (effect.kind === 'show' && effect.reach === 'unreachable') {
              expect(atMs - lastSignMs).toBeGreaterThanOrEqual(UNREACHABLE_AFTER_MS);
            }
            if (effect.kind === 'show' && effect.reach === 'lost') {
              expect(atMs - lastSignMs).toBeGreaterThanOrEqual(LOST_AFTER_MS);
              expect(isAlone).toBe(false);
            }
            if (effect.kind === 'record' && effect.event === 'back') expect(isAway).toBe(true);
            if (effect.kind === 'record') isAway = effect.event !== 'back';
          }
          if (kind !== 'looked') lastSignMs = atMs;
          if (kind === 'linked' || kind === 'heard') expect(link.state().reach).toBe('online');
        }
      }),
    );
  });
});
