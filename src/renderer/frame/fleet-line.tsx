/** The fleet in one line: how many are in which state, and what they draw together. */
import { useEffect, useRef } from 'react';
import { formatWatts } from '../../core/metrics/format.ts';
import { countFleet } from '../fleet/fleet-filter.ts';
import { hasCurrentFigures } from '../fleet/worker-state.ts';
import { onBeat } from '../state/beat.ts';
import { type FleetState, fleet, workersOf } from '../state/fleet.ts';
import { useStore } from '../state/store.ts';
import { type Mark, StateMark } from '../ui/state-mark.tsx';

const PARTS: readonly { readonly link: 'online' | 'stale' | 'unreachable' | 'lost' | 'busy'; readonly mark: Mark }[] = [
  { link: 'online', mark: 'ok' },
  { link: 'stale', mark: 'stale' },
  { link: 'unreachable', mark: 'warning' },
  { link: 'lost', mark: 'critical' },
  { link: 'busy', mark: 'busy' },
];

export function FleetLine() {
  const words = useStore(fleet, countWords);
  const parts = words === '' ? [] : words.split(' ').map((part) => part.split('=') as [string, string]);
  if (words === 'none') return <p className="fleet-line">no worker yet</p>;
  return (
    <p className="fleet-line">
      {parts.map(([link, count]) => (
        <span key={link} className="fleet-line-part">
          <StateMark mark={PARTS.find((part) => part.link === link)?.mark ?? 'unknown'} size={9} />
          <strong>{count}</strong> {link}
        </span>
      ))}
      <TotalPower />
    </p>
  );
}

/** `online=12 stale=1`: a text, so that equal counts are equal values. */
function countWords(state: FleetState): string {
  if (state.status !== 'ready') return '';
  const counts = countFleet(state.workers.values());
  if (counts.all === 0) return 'none';
  return PARTS.filter(({ link }) => counts[link] > 0 || link === 'online')
    .map(({ link }) => `${link}=${counts[link]}`)
    .join(' ');
}

function TotalPower() {
  const element = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const paint = () => {
      const watts = totalWatts(fleet.get());
      const text = watts === null ? '' : formatWatts(watts);
      if (element.current !== null && element.current.textContent !== text) element.current.textContent = text;
    };
    paint();
    return onBeat(paint);
  }, []);
  return <span ref={element} className="muted" title="Power of all workers whose power is known" />;
}

function totalWatts(state: FleetState): number | null {
  let sum: number | null = null;
  for (const worker of workersOf(state).values()) {
    const watts = hasCurrentFigures(worker) ? worker.figures.powerWatts : null;
    if (watts !== null) sum = (sum ?? 0) + watts;
  }
  return sum;
}
