/** How far the chosen run is, in one line, and the way to end it. */
import { useState } from 'react';
import type { RunView } from '../../core/tasks/view.ts';
import { StateMark } from '../ui/state-mark.tsx';
import { momentWithZone, momentWords } from '../ui/time-words.ts';
import { unturned } from '../ui/unturned.ts';
import { CancelRunDialog } from './cancel-dialogs.tsx';
import { progressOf } from './runs.ts';
import { runMark } from './task-words.ts';

export function RunBar({ run }: { readonly run: RunView }) {
  const [isAsking, setIsAsking] = useState(false);
  const { counts } = run;
  const name = unturned(run.name);
  const { all, over, running, waiting } = progressOf(counts);
  const parts = [
    counts.failed === 0 ? null : `${counts.failed} failed`,
    counts.cancelled === 0 ? null : `${counts.cancelled} cancelled`,
    running === 0 ? null : `${running} running`,
    waiting === 0 ? null : `${waiting} waiting`,
  ].filter((part) => part !== null);
  const share = (count: number) => ({ width: `${all === 0 ? 0 : (count / all) * 100}%` });
  return (
    <section className="run-bar" aria-label={`Run ${name}`}>
      <p className="run-line">
        <StateMark mark={runMark(run.state)} size={9} />
        <strong className="run-name" title={name}>
          {name}
        </strong>
        <span className={`run-state words-${runMark(run.state)}`}>{run.state}</span>
        <span className="run-figures">
          <strong>{over}</strong> of {all} done{parts.length === 0 ? '' : ` · ${parts.join(' · ')}`}
        </span>
        <span className="muted run-since" title={momentWithZone(run.submittedAtMs)}>
          submitted {momentWords(run.submittedAtMs, Date.now())}
        </span>
        {run.endedAtMs === null ? (
          <button type="button" className="button small" aria-haspopup="dialog" onClick={() => setIsAsking(true)}>
            Cancel run …
          </button>
        ) : null}
      </p>
      <div
        className="run-progress"
        role="progressbar"
        aria-label={`Progress of ${run.name}`}
        aria-valuemin={0}
        aria-valuemax={all}
        aria-valuenow={over}
        aria-valuetext={`${over} of ${all} done${parts.length === 0 ? '' : `, ${parts.join(', ')}`}`}
      >
        <span className="part-ok" style={share(counts.succeeded)} />
        <span className="part-critical" style={share(counts.failed)} />
        <span className="part-stopped" style={share(counts.cancelled)} />
        <span className="part-busy" style={share(running)} />
      </div>
      {isAsking ? <CancelRunDialog run={run} onClose={() => setIsAsking(false)} /> : null}
    </section>
  );
}
