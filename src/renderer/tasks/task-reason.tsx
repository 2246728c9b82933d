/** Why a task stands where it stands, where its state alone does not say it. */
import type { TaskView } from '../../core/tasks/view.ts';
import { useWorkerPart } from '../state/fleet.ts';
import { StateMark } from '../ui/state-mark.tsx';
import { unturned } from '../ui/unturned.ts';
import { taskMark } from './task-words.ts';

interface Props {
  readonly view: TaskView;
  readonly sentences: readonly string[];
}

export function TaskReason({ view, sentences }: Props) {
  return (
    <>
      {sentences.length === 0 ? null : (
        <p className="task-reason selectable" data-state={view.state}>
          <StateMark mark={taskMark(view.state)} />
          <span>{unturned(sentences.join(' '))}</span>
        </p>
      )}
      {view.state === 'running' || view.state === 'placed' ? <Silence view={view} /> : null}
    </>
  );
}

/** A worker that does not answer may be running it still. */
function Silence({ view: { workerId } }: { readonly view: TaskView }) {
  const id = workerId ?? ('' as NonNullable<typeof workerId>);
  const name = useWorkerPart(id, (worker) => worker.name);
  const link = useWorkerPart(id, (worker) => worker.link);
  if (link !== 'unreachable' && link !== 'lost') return null;
  return (
    <p className="stale-note" role="status">
      {name} does not answer now. What you see is what it said last; the task may well go on there. If {name} counts as
      lost, the task is queued again.
    </p>
  );
}
