/** The stretch of time that the timeline shows. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fitted,
  followed,
  liveViewport,
  panned,
  showing,
  type Viewport,
  zoomed,
} from '../../../src/renderer/timeline/viewport.ts';

const NOW = Date.UTC(2026, 10, 24, 14, 52);
const HOUR = 3_600_000;

const view: fc.Arbitrary<Viewport> = fc
  .record({
    fromMs: fc.integer({ min: NOW - 30 * 24 * HOUR, max: NOW }),
    hours: fc.double({ min: 0.01, max: 200, noNaN: true }),
  })
  .map(({ fromMs, hours }) => ({ fromMs, toMs: fromMs + hours * HOUR, nowShare: null }));
const durationOf = ({ fromMs, toMs }: Viewport) => toMs - fromMs;

describe('a view that follows now', () => {
  it('shows the whole range before now, and some room behind it', () => {
    const live = liveViewport(HOUR, NOW);
    expect(live.fromMs).toBeCloseTo(NOW - HOUR, 0);
    expect(live.toMs).toBeGreaterThan(NOW + 0.1 * HOUR);
  });

  it('keeps now where it stands, in whole pixels', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e7 }), fc.integer({ min: 200, max: 3_000 }), (laterMs, width) => {
        const live = liveViewport(HOUR, NOW);
        const next = followed(live, NOW + laterMs, width);
        const pixelMs = durationOf(live) / width;
        const nowPixel = (NOW + laterMs - next.fromMs) / pixelMs;
        expect(Math.abs(nowPixel - (live.nowShare ?? 0) * width)).toBeLessThanOrEqual(0.51);
        expect(durationOf(next)).toBeCloseTo(durationOf(live), 3);
      }),
    );
  });

  it('stands still once it is panned, and goes on where it is zoomed with now in sight', () => {
    const live = liveViewport(HOUR, NOW);
    expect(panned(live, -1_000, NOW).nowShare).toBeNull();
    const closer = zoomed(live, NOW - HOUR / 10, 0.5, NOW);
    expect(closer.nowShare).not.toBeNull();
    expect(followed(closer, NOW + HOUR, 1_000).toMs).toBeGreaterThan(NOW + HOUR);
    expect(zoomed(live, NOW - HOUR, 0.1, NOW).nowShare).toBeNull();
  });
});

describe('zooming', () => {
  it('keeps the moment under the pointer where it is', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(view, share, fc.double({ min: 0.3, max: 3, noNaN: true }), (before, at, factor) => {
        const atMs = before.fromMs + at * durationOf(before);
        const after = zoomed(before, atMs, factor, NOW + 400 * HOUR);
        expect((atMs - after.fromMs) / durationOf(after)).toBeCloseTo(at, 6);
      }),
    );
  });

  it('ends at two seconds and at sixty days', () => {
    let [close, wide] = [liveViewport(HOUR, NOW), liveViewport(HOUR, NOW)];
    for (let step = 0; step < 60; step += 1) {
      close = zoomed(close, NOW, 0.5, NOW);
      wide = zoomed(wide, NOW, 2, NOW);
    }
    expect(durationOf(close)).toBeCloseTo(2_000, 3);
    expect(durationOf(wide)).toBeCloseTo(60 * 24 * HOUR, 0);
  });
});

describe('panning and fitting', () => {
  it('never lead to a time after now alone, or before 1970', () => {
    fc.assert(
      fc.property(view, fc.double({ min: -1e13, max: 1e13, noNaN: true }), (before, shiftMs) => {
        const after = panned(before, shiftMs, NOW);
        expect(after.fromMs).toBeLessThanOrEqual(NOW);
        expect(after.fromMs).toBeGreaterThanOrEqual(0);
        expect(durationOf(after)).toBeCloseTo(durationOf(before), 0);
      }),
    );
  });

  it('show all of what is fitted, with a margin', () => {
    const shown = fitted({ fromMs: NOW - HOUR, toMs: NOW }, NOW);
    expect(shown.fromMs).toBeLessThan(NOW - HOUR);
    expect(shown.toMs).toBeGreaterThan(NOW);
    expect(durationOf(shown)).toBeLessThan(1.1 * HOUR);
    expect(durationOf(fitted({ fromMs: NOW, toMs: NOW }, NOW))).toBe(2_000);
    // What runs goes on, and the view with it.
    expect(followed(shown, NOW + HOUR, 1_000).toMs).toBeGreaterThan(NOW + HOUR);
    expect(fitted({ fromMs: NOW - HOUR, toMs: NOW - 1 }, NOW).nowShare).toBeNull();
  });

  it('bring a bar into sight, and leave the view alone where it is', () => {
    const still = panned(liveViewport(HOUR, NOW), 0, NOW);
    expect(showing(still, { fromMs: NOW - HOUR / 2, toMs: NOW }, NOW)).toBe(still);
    const moved = showing(still, { fromMs: NOW - 9 * HOUR, toMs: NOW - 8 * HOUR }, NOW);
    expect(moved.fromMs).toBeLessThan(NOW - 8 * HOUR);
    expect(moved.toMs).toBeGreaterThan(NOW - 8 * HOUR);
  });
});
