/** Whether a worker takes new tasks, and on what terms, in words. Pure. */
import type { Admission } from '../../core/scheduling/place.ts';
import type { TaskTerms } from '../../core/tasks/terms.ts';

/** What one presses to get there, and what that does. */
export const ADMISSION_WORDS: Readonly<Record<Admission, { readonly verb: string; readonly does: string }>> = {
  open: { verb: 'Resume', does: 'It takes new tasks again.' },
  paused: { verb: 'Pause', does: 'It takes no new tasks for now; what runs there goes on.' },
  draining: {
    verb: 'Drain',
    does: 'It takes no new tasks and finishes what runs, until it can be taken out of service.',
  },
};

/** Where it stands: `Draining: takes no new tasks; 2 still run.` */
export function admissionSentence(admission: Admission, running: number): string {
  const still = running === 1 ? '1 task still runs' : `${running} tasks still run`;
  switch (admission) {
    case 'open':
      return running === 0
        ? 'Takes tasks; none runs now.'
        : `Takes tasks; ${running} ${running === 1 ? 'runs' : 'run'} now.`;
    case 'paused':
      return running === 0 ? 'Paused: takes no new tasks.' : `Paused: takes no new tasks; ${still}.`;
    case 'draining':
      return running === 0
        ? 'Drained: nothing runs there any more, and nothing new comes.'
        : `Draining: takes no new tasks; ${still}.`;
  }
}

type Facts = readonly (readonly [title: string, words: string])[];

/** What its owner allows. */
export function termsFacts(terms: TaskTerms | null, isLocal: boolean): Facts {
  if (terms === null) {
    return isLocal
      ? [['As', 'you, the user who started Labwatch']]
      : [['Terms', 'not heard since Labwatch started; they come with its next link']];
  }
  const { asUser, maxParallel, programs } = terms;
  return [
    ['As', asUser ?? 'the user its agent runs as'],
    ['At once', maxParallel === null ? 'as many as fit' : `at most ${maxParallel}`],
    ['Programs', programs === null ? 'any' : programs.length === 0 ? 'none' : programs.join(', ')],
  ];
}
