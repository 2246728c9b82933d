/** What is in sight as text, for who cannot see the bars: how many of which kind, then the newest of them one by one. */
import type { WorkerId } from '../../core/fleet/worker.ts';
import { formatCount } from '../../core/metrics/format.ts';
import type { TaskView } from '../../core/tasks/view.ts';
import { momentWords } from '../ui/time-words.ts';
import { unturned } from '../ui/unturned.ts';
import type { Bar } from './bars.ts';
import { useInSight } from './in-sight.ts';
import { waitingReason } from './queue.ts';
import type { TimelineModel } from './timeline-model.ts';
import { barSentence, barsInSight, inSightWords } from './timeline-words.ts';

/** What is read aloud must not change while it is read. */
const EVERY_MS = 5_000;
const MOST_LISTED = 40;

interface Props {
  readonly model: TimelineModel;
  readonly nameOf: (workerId: WorkerId) => string;
  readonly waiting: readonly TaskView[];
}

export function TimelineList({ model, nameOf, waiting }: Props) {
  const { counts } = useInSight(model, EVERY_MS);
  if (counts === null) return <p id="timeline-summary" className="visually-hidden" />;
  const nowMs = Date.now();
  const { fromMs, toMs } = model.viewport.get();
  const newest = newestInSight(model).slice(0, MOST_LISTED);
  return (
    <div className="visually-hidden">
      <p id="timeline-summary">
        {`${inSightWords(counts)}, from ${momentWords(fromMs, nowMs)} to ${momentWords(Math.min(toMs, nowMs), nowMs)}.`}
      </p>
      <ul aria-label="Waiting tasks">
        {waiting.map((task) => (
          <li key={task.taskId}>{`${unturned(task.name)}, ${task.state}: ${waitingReason(task)}`}</li>
        ))}
      </ul>
      <ul aria-label={`Newest attempts in sight, ${formatCount(newest.length)} of ${formatCount(counts.count)}`}>
        {newest.map((bar) => (
          <li key={bar.attempt.attemptId}>{barSentence(bar, nameOf(bar.attempt.workerId), nowMs)}</li>
        ))}
      </ul>
    </div>
  );
}

function newestInSight(model: TimelineModel): readonly Bar[] {
  const view = model.viewport.get();
  const bars = model.lanes.get().flatMap(({ rows }) => rows.flatMap((row) => [...barsInSight(row, view)]));
  return bars.sort((one, other) => other.fromMs - one.fromMs);
}
