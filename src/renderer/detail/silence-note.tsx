/** A worker that does not report says since when, what that means, and what to do. */
import { useEffect, useState } from 'react';
import type { WorkerId } from '../../core/fleet/worker.ts';
import { formatDuration } from '../../core/metrics/format.ts';
import { SECOND_MS } from '../../core/time.ts';
import { silentSinceMs } from '../fleet/worker-state.ts';
import { onBeat } from '../state/beat.ts';
import { useWorkerPart } from '../state/fleet.ts';
import { momentWithZone, momentWords } from '../ui/time-words.ts';
import { silenceWords } from './silence-words.ts';

export function SilenceNote({ workerId }: { readonly workerId: WorkerId }) {
  const link = useWorkerPart(workerId, (worker) => worker.link);
  const sinceMs = useWorkerPart(workerId, silentSinceMs);
  const ageMs = useAge(sinceMs);
  if (link === null || link === 'online') return null;
  const words = silenceWords({
    link,
    age: ageMs === null ? null : formatDuration(ageMs),
    since: sinceMs === null ? null : momentWords(sinceMs, Date.now()),
  });
  return (
    <p className="stale-note" role="status" title={sinceMs === null ? undefined : momentWithZone(sinceMs)}>
      {words}
    </p>
  );
}

/** Counted on in whole seconds with the window's beat; null while there is nothing to count from. */
function useAge(sinceMs: number | null): number | null {
  const [ageMs, setAgeMs] = useState(0);
  useEffect(() => {
    if (sinceMs === null) return;
    const measure = (nowMs: number) => setAgeMs(Math.floor(Math.max(0, nowMs - sinceMs) / SECOND_MS) * SECOND_MS);
    measure(Date.now());
    return onBeat(measure);
  }, [sinceMs]);
  return sinceMs === null ? null : ageMs;
}
