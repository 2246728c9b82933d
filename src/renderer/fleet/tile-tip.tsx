/** Exact values of the tile under the pointer or the keyboard focus; it never takes the pointer. */
import { type RefObject, useEffect, useState } from 'react';
import { SIMULATED } from '../../core/fleet/capabilities.ts';
import { type WorkerFigures, type WorkerId, type WorkerView, workerId } from '../../core/fleet/worker.ts';
import {
  formatBytesOf,
  formatCelsius,
  formatDuration,
  formatPercent,
  formatValue,
  formatWatts,
  NO_VALUE,
} from '../../core/metrics/format.ts';
import { SECOND_MS } from '../../core/time.ts';
import { fleet, workerOf } from '../state/fleet.ts';
import { useStore } from '../state/store.ts';
import { capital } from '../ui/capital.ts';
import { momentWithZone } from '../ui/time-words.ts';
import { hasCurrentFigures, stateName } from './worker-state.ts';

const DELAY_MS = 450;
const WIDTH = 248;
const GAP = 6;

interface Place {
  readonly workerId: WorkerId;
  readonly left: number;
  readonly top: number;
  readonly isAbove: boolean;
}

export function TileTip({ grid }: { readonly grid: RefObject<HTMLElement | null> }) {
  const place = useTipPlace(grid);
  const worker = useStore(fleet, (state) => workerOf(state, place?.workerId ?? null));
  if (place === null || worker === undefined) return null;
  return (
    <div
      className="tile-tip"
      role="tooltip"
      data-above={place.isAbove}
      style={{ left: place.left, top: place.top, width: WIDTH }}
    >
      <p className="tile-tip-title">{worker.name}</p>
      {worker.capabilities.includes(SIMULATED) ? <p className="muted">Its hardware is simulated</p> : null}
      <dl>
        {exactFigures(worker).map(([title, value]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {worker.awaySinceMs === null ? null : (
        <p className="muted">
          {capital(stateName(worker))} since {momentWithZone(worker.awaySinceMs)}
        </p>
      )}
      <p className="muted">
        {worker.lastSampleAtMs === null ? 'No sample yet' : `Last sample ${momentWithZone(worker.lastSampleAtMs)}`}
      </p>
    </div>
  );
}

/** What is known, with more digits than the tile has room for; what is unknown, or no longer true, is left out. */
function exactFigures(worker: WorkerView): readonly (readonly [string, string])[] {
  const { figures, headline, level, remote } = worker;
  const tasks = worker.runningTaskCount === 0 ? NO_VALUE : String(worker.runningTaskCount);
  const about: readonly (readonly [string, string])[] = [
    ['Hardware', headline ?? NO_VALUE],
    ['Address', remote?.address ?? NO_VALUE],
    ['Running tasks', tasks],
  ];
  const present = hasCurrentFigures(worker) ? presentFigures(figures) : [];
  return [...about, ...present, ['Level', level] as const].filter(([, value]) => !value.startsWith(NO_VALUE));
}

function presentFigures(figures: WorkerFigures): readonly (readonly [string, string])[] {
  const uptimeMs = figures.uptimeSeconds === null ? null : figures.uptimeSeconds * SECOND_MS;
  return [
    ['CPU', formatPercent(figures.cpuUtilization, 1)],
    ['Memory', formatPercent(figures.memoryUtilization, 1)],
    ['Memory used', formatBytesOf(figures.memoryUsedBytes, figures.memoryLimitBytes)],
    ['GPU, busiest', formatPercent(figures.gpuUtilization, 1)],
    ['Disk, fullest', formatPercent(figures.diskUtilization, 1)],
    ['Temperature', formatCelsius(figures.temperatureCelsius)],
    ['Power', formatWatts(figures.powerWatts)],
    ['Load, 1 min', formatValue('{item}', figures.load1)],
    ['Up for', formatDuration(uptimeMs)],
  ];
}

function useTipPlace(grid: RefObject<HTMLElement | null>): Place | null {
  const [place, setPlace] = useState<Place | null>(null);
  useEffect(() => {
    const root = grid.current;
    if (root === null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const hide = () => {
      clearTimeout(timer);
      setPlace(null);
    };
    const showFor = (target: EventTarget | null, delayMs: number) => {
      const tile = target instanceof Element ? target.closest<HTMLElement>('[data-worker]') : null;
      hide();
      if (tile !== null) timer = setTimeout(() => setPlace(placeBeside(tile)), delayMs);
    };
    const onOver = (event: PointerEvent) => {
      if (event.pointerType !== 'touch') showFor(event.target, DELAY_MS);
    };
    const onFocus = (event: FocusEvent) => {
      if (event.target instanceof Element && event.target.matches(':focus-visible')) showFor(event.target, DELAY_MS);
    };
    root.addEventListener('pointerover', onOver);
    root.addEventListener('pointerleave', hide);
    root.addEventListener('pointerdown', hide);
    root.addEventListener('focusin', onFocus);
    root.addEventListener('focusout', hide);
    root.addEventListener('scroll', hide, true);
    return () => {
      clearTimeout(timer);
      root.removeEventListener('pointerover', onOver);
      root.removeEventListener('pointerleave', hide);
      root.removeEventListener('pointerdown', hide);
      root.removeEventListener('focusin', onFocus);
      root.removeEventListener('focusout', hide);
      root.removeEventListener('scroll', hide, true);
    };
  }, [grid]);
  return place;
}

function placeBeside(tile: HTMLElement): Place {
  const box = tile.getBoundingClientRect();
  const isAbove = box.bottom > window.innerHeight - 300;
  return {
    workerId: workerId(tile.dataset.worker ?? ''),
    left: Math.min(Math.max(8, box.left), window.innerWidth - WIDTH - 8),
    top: isAbove ? box.top - GAP : box.bottom + GAP,
    isAbove,
  };
}
