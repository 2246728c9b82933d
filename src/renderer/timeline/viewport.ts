/** The stretch of time that the timeline shows: it follows now or stands still, is zoomed, panned and fitted. Pure. */
import { DAY_MS, SECOND_MS } from '../../core/time.ts';

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Viewport extends Span {
  /** Where now stands, as a share of the width, while the view moves with it; null: it stands still. */
  readonly nowShare: number | null;
}

/** Room to the right of now, for what waits and is to come. */
const LIVE_NOW_SHARE = 0.87;
const SHORTEST_MS = 2 * SECOND_MS;
const LONGEST_MS = 60 * DAY_MS;
/** On both sides of what is fitted, as a share of it. */
const FIT_MARGIN = 0.03;

/** The last `durationMs`, moving with now. */
export function liveViewport(durationMs: number, nowMs: number): Viewport {
  return standingAt(nowMs, durationMs / LIVE_NOW_SHARE, LIVE_NOW_SHARE);
}

/** The same stretch where now has gone on; by whole pixels, so that what stands still does not shimmer. */
export function followed(view: Viewport, nowMs: number, widthPixels: number): Viewport {
  if (view.nowShare === null) return view;
  const pixelMs = (view.toMs - view.fromMs) / Math.max(1, widthPixels);
  return standingAt(Math.round(nowMs / pixelMs) * pixelMs, view.toMs - view.fromMs, view.nowShare);
}

/** Below 1: closer. The moment stays where it is; a view that follows now goes on following while now is in sight. */
export function zoomed(view: Viewport, atMs: number, factor: number, nowMs: number): Viewport {
  const before = view.toMs - view.fromMs;
  const durationMs = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, before * factor));
  const fromMs = atMs - ((atMs - view.fromMs) / before) * durationMs;
  const nowShare = (nowMs - fromMs) / durationMs;
  const isFollowing = view.nowShare !== null && nowShare >= 0 && nowShare <= 1;
  return bounded({ fromMs, toMs: fromMs + durationMs, nowShare: isFollowing ? nowShare : null }, nowMs);
}

/** Later by `shiftMs`; it stands still from then on. */
export function panned(view: Viewport, shiftMs: number, nowMs: number): Viewport {
  return bounded({ fromMs: view.fromMs + shiftMs, toMs: view.toMs + shiftMs, nowShare: null }, nowMs);
}

/** All of `span` with a margin; what reaches until now is followed, for it goes on. */
export function fitted({ fromMs, toMs }: Span, nowMs: number): Viewport {
  const durationMs = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, (toMs - fromMs) * (1 + 2 * FIT_MARGIN)));
  const startMs = (fromMs + toMs - durationMs) / 2;
  const nowShare = toMs >= nowMs ? (nowMs - startMs) / durationMs : null;
  return bounded({ fromMs: startMs, toMs: startMs + durationMs, nowShare }, nowMs);
}

/** Moved as little as needed so that `span` (or its end, where it is longer) is in sight. */
export function showing(view: Viewport, span: Span, nowMs: number): Viewport {
  if (span.fromMs < view.toMs && span.toMs > view.fromMs) return view;
  const durationMs = view.toMs - view.fromMs;
  return panned(view, span.toMs - durationMs / 2 - view.fromMs, nowMs);
}

/** Not before 1970, and now at the left edge at the latest. */
function bounded(view: Viewport, nowMs: number): Viewport {
  const durationMs = view.toMs - view.fromMs;
  const fromMs = Math.max(0, Math.min(view.fromMs, nowMs));
  return fromMs === view.fromMs ? view : { ...view, fromMs, toMs: fromMs + durationMs };
}

function standingAt(nowMs: number, durationMs: number, nowShare: number): Viewport {
  const fromMs = nowMs - nowShare * durationMs;
  return { fromMs, toMs: fromMs + durationMs, nowShare };
}
