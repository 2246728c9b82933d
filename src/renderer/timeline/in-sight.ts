/** What is in sight, counted once the view has come to rest: for words, the legend, and the list for screen readers. */
import { useEffect, useState } from 'react';
import type { TimelineModel } from './timeline-model.ts';
import { countInSight, type InSight } from './timeline-words.ts';

const REST_MS = 200;

export interface Sight {
  /** Null before it was counted. */
  readonly counts: InSight | null;
  /** Counts up with each counting. */
  readonly turn: number;
}

export function useInSight(model: TimelineModel, restMs = REST_MS): Sight {
  const [sight, setSight] = useState<Sight>({ counts: null, turn: 0 });
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const count = () => {
      timer = undefined;
      const counts = countInSight(model.lanes.get(), model.viewport.get());
      setSight(({ turn }) => ({ counts, turn: turn + 1 }));
    };
    const later = () => {
      timer ??= setTimeout(count, restMs);
    };
    const stops = [model.viewport.subscribe(later), model.lanes.subscribe(later)];
    later();
    return () => {
      clearTimeout(timer);
      for (const stop of stops) stop();
    };
  }, [model, restMs]);
  return sight;
}
