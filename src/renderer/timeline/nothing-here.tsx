/** Said over the lanes where nothing ran in the stretch of time that is shown, with a way to where something did. */
import { useState } from 'react';
import { useStore } from '../state/store.ts';
import type { AttemptStore } from './attempt-store.ts';
import { showNewest } from './fit.ts';
import { useInSight } from './in-sight.ts';
import type { TimelineModel } from './timeline-model.ts';

interface Props {
  readonly model: TimelineModel;
  readonly store: AttemptStore;
}

export function NothingHere({ model, store }: Props) {
  const isReady = useStore(store.state, ({ status }) => status === 'ready');
  const { counts } = useInSight(model);
  const hasWaiting = useStore(model.waiting, (waiting) => waiting.length > 0);
  const [isNone, setIsNone] = useState(false);
  if (!isReady || counts === null || counts.count > 0) return null;
  return (
    <div className="nothing-here" role="status">
      <p>
        {isNone
          ? 'No task has begun yet.'
          : hasWaiting
            ? 'Nothing ran in this stretch of time; what waits stands above.'
            : 'Nothing ran in this stretch of time.'}
      </p>
      {isNone ? null : (
        <button
          type="button"
          className="button small"
          onClick={() => void showNewest(model).then((did) => setIsNone(!did))}
        >
          Show what ran last
        </button>
      )}
    </div>
  );
}
