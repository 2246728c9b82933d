/** What it means that a worker does not report, and what to do. Pure. */
import type { LinkState } from '../../core/fleet/worker.ts';

interface Silence {
  readonly link: Exclude<LinkState, 'online'>;
  /** `2 min 5 s`; null where nothing was heard yet. */
  readonly age: string | null;
  /** `14:20:31`. */
  readonly since: string | null;
}

export function silenceWords({ link, age, since }: Silence): string {
  const forHowLong = age === null ? 'Not reached yet' : `Not reached for ${age}, since ${since ?? ''}`;
  switch (link) {
    case 'stale':
      return age === null
        ? 'This worker has sent nothing yet. The charts begin with its first sample.'
        : `Last sample ${age} ago, at ${since ?? ''}. The charts end there; they go on by themselves when the worker reports again.`;
    case 'unreachable':
      return `${forHowLong}. It goes on sampling, and fills the charts with what it kept when it is back.`;
    case 'lost':
      return `${forHowLong}: it counts as lost. See whether it has power and network, and what “labwatch worker status” says there. When it is back it fills the charts with what it kept; if it is gone for good, remove it below.`;
  }
}
