/** When a task is expected to begin or end, and what that rests on. */
import { useCallback } from 'react';
import { outlookSentence } from '../../core/tasks/outlook-words.ts';
import type { TaskOutlook } from '../../core/tasks/view.ts';
import { BeatWords } from './beat-words.tsx';

export function TaskExpected({ outlook }: { readonly outlook: TaskOutlook }) {
  const words = useCallback((nowMs: number) => outlookSentence(outlook, nowMs), [outlook]);
  return (
    <div>
      <dt>Expected</dt>
      <dd>
        <BeatWords words={words} />
      </dd>
    </div>
  );
}
