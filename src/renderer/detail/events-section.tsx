/** What happened on this worker in the last day, newest first. */
import { useEffect, useState } from 'react';
import type { WorkerId } from '../../core/fleet/worker.ts';
import type { WorkerEvent } from '../../core/metrics/sample.ts';
import { DAY_MS, MINUTE_MS } from '../../core/time.ts';
import { call } from '../api.ts';
import { onVisibility } from '../state/beat.ts';
import { useWorkerPart } from '../state/fleet.ts';
import { momentWithZone, momentWords } from '../ui/time-words.ts';

const SHOWN = 12;

export function EventsSection({ workerId }: { readonly workerId: WorkerId }) {
  const [events, setEvents] = useState<readonly WorkerEvent[] | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  // A change of state, level, name or hardware, and a loss, is an event of its own: look again.
  const link = useWorkerPart(workerId, (worker) => worker.link);
  const level = useWorkerPart(workerId, (worker) => worker.level);
  const name = useWorkerPart(workerId, (worker) => worker.name);
  const lostTicks = useWorkerPart(workerId, (worker) => worker.remote?.lostTicks ?? 0);
  const inventoryAtMs = useWorkerPart(workerId, (worker) => worker.inventoryAtMs);
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    let isCurrent = true;
    const load = async () => {
      const nowMs = Date.now();
      const answer = await call('worker:events', workerId, nowMs - DAY_MS, nowMs + MINUTE_MS);
      if (!isCurrent) return;
      if (answer.ok) setEvents([...answer.value].sort((a, b) => b.atMs - a.atMs).slice(0, SHOWN));
      setFailure(answer.ok ? null : answer.error.message);
    };
    void load();
    const stop = onVisibility((isVisible) => {
      if (isVisible) void load();
    });
    return () => {
      isCurrent = false;
      stop();
    };
  }, [workerId, link, level, name, lostTicks, inventoryAtMs]);
  return (
    <section className="events" aria-label="Events">
      <header className="section-head">
        <h2>Events</h2>
        <span className="muted">last 24 h</span>
      </header>
      {events === null || events.length === 0 ? (
        <p className="detail-note">
          {failure ?? (events === null ? 'Reading events …' : 'Nothing happened in the last 24 h.')}
        </p>
      ) : (
        <ul className="selectable">
          {events.map((event) => (
            <li key={`${event.atMs} ${event.kind} ${event.message}`} className="event">
              <time dateTime={new Date(event.atMs).toISOString()} title={momentWithZone(event.atMs)}>
                {momentWords(event.atMs, Date.now())}
              </time>
              <span>{event.message}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
