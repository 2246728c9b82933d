import { useCallback } from 'react';
import { formatDuration } from '../../core/metrics/format.ts';
import { type Attempt, isAttemptOver, isTaskOver } from '../../core/tasks/task.ts';
import type { TaskDetail, TaskView } from '../../core/tasks/view.ts';
import { attemptOutcome } from '../../core/tasks/words.ts';
import { useWorkerPart } from '../state/fleet.ts';
import { useStore } from '../state/store.ts';
import { goToRun, goToTask } from '../state/task-place.ts';
import { BeatWords } from '../tasks/beat-words.tsx';
import { taskPulses } from '../tasks/live-tasks.ts';
import { OutputPane } from '../tasks/output-pane.tsx';
import { useTaskDetail } from '../tasks/task-detail.ts';
import { TaskTitle, UnreadTask } from '../tasks/task-heading.tsx';
import { attemptMark, endSentences, reasonSentences } from '../tasks/task-words.ts';
import { UsageTable } from '../tasks/usage-table.tsx';
import { StateMark } from '../ui/state-mark.tsx';
import { momentWithZone, momentWords } from '../ui/time-words.ts';
import { unturned } from '../ui/unturned.ts';
import { PlacementReasons } from './placement-reasons.tsx';
import type { Selected } from './timeline-model.ts';
import '../detail/detail.css';
import '../detail/sections.css';
import '../tasks/task-page.css';
import './placement-card.css';

interface Props {
  readonly selected: Selected;
  readonly onClose: () => void;
}

export function PlacementCard({ selected, onClose }: Props) {
  const detail = useTaskDetail(selected.taskId);
  if (detail.state.status === 'ready')
    return <Card detail={detail.state.detail} selected={selected} onClose={onClose} />;
  return (
    <aside className="detail placement-card" aria-label="Placement">
      <UnreadTask taskId={selected.taskId} detail={detail} onClose={onClose} />
    </aside>
  );
}

function Card({ detail, selected, onClose }: Props & { readonly detail: TaskDetail }) {
  const { view, attempts } = detail;
  const attempt = attempts.find(({ attemptId }) => attemptId === selected.attemptId) ?? attempts.at(-1) ?? null;
  const name = unturned(view.name);
  return (
    <aside className="detail placement-card" aria-label={`Placement of ${name}`}>
      <header className="detail-header">
        <TaskTitle view={view} onClose={onClose} />
        <Origin view={view} attempt={attempt} />
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="detail-scroll" tabIndex={0} aria-label="Placement, attempts, usage and output">
        <div className="task-body">
          {reasonSentences(detail).map((sentence) => (
            <p key={sentence} className="placement-reason selectable">
              {sentence}
            </p>
          ))}
          <Figures view={view} attempt={attempt} />
          {attempt === null ? null : <AttemptParts attempt={attempt} view={view} />}
          {attempts.length > 1 ? <Attempts attempts={attempts} shown={attempt} /> : null}
          {attempt === null ? null : <Output attempt={attempt} view={view} />}
          <p>
            <button type="button" className="button small" onClick={() => goToTask(view.taskId)}>
              Open the task
            </button>
          </p>
        </div>
      </section>
    </aside>
  );
}

function AttemptParts({ attempt, view }: { readonly attempt: Attempt; readonly view: TaskView }) {
  const pulse = useStore(taskPulses, (pulses) => pulses.get(attempt.attemptId) ?? null);
  const isOver = isAttemptOver(attempt.state);
  const told = view.message;
  return (
    <>
      <PlacementReasons workerId={attempt.workerId} placement={attempt.placement} explanation={attempt.explanation} />
      {endSentences(attempt)
        .filter((sentence) => sentence !== told)
        .map((sentence) => (
          <p key={sentence} className="detail-note selectable">
            {sentence}
          </p>
        ))}
      {attempt.startedAtMs === null ? null : (
        <UsageTable usage={isOver ? attempt.usage : (pulse?.usage ?? attempt.usage)} pulse={isOver ? null : pulse} />
      )}
    </>
  );
}

/** Where each try went and how it ended. */
function Attempts({ attempts, shown }: { readonly attempts: readonly Attempt[]; readonly shown: Attempt | null }) {
  return (
    <section aria-label="Attempts">
      <header className="section-head">
        <h2>Attempts</h2>
      </header>
      <ol className="placement-attempts selectable">
        {attempts.toReversed().map((attempt) => (
          <AttemptLine key={attempt.attemptId} attempt={attempt} isShown={attempt === shown} />
        ))}
      </ol>
    </section>
  );
}

function AttemptLine({ attempt, isShown }: { readonly attempt: Attempt; readonly isShown: boolean }) {
  const workerName = useWorkerPart(attempt.workerId, (worker) => worker.name) ?? 'a removed worker';
  const beganAtMs = attempt.startedAtMs ?? attempt.placedAtMs;
  return (
    <li aria-current={isShown ? 'true' : undefined}>
      <span className="attempt-number">{attempt.number}</span>
      <StateMark mark={attemptMark(attempt.state)} size={9} />
      <span className="attempt-place">{workerName}</span>
      <span className={`words-${attemptMark(attempt.state)}`}>{attemptOutcome(attempt, workerName)}</span>
      <time className="muted" dateTime={new Date(beganAtMs).toISOString()} title={momentWithZone(beganAtMs)}>
        {momentWords(beganAtMs, Date.now())}
      </time>
    </li>
  );
}

function Output({ attempt, view }: { readonly attempt: Attempt; readonly view: TaskView }) {
  const pulse = useStore(taskPulses, (pulses) => pulses.get(attempt.attemptId) ?? null);
  const isOver = isAttemptOver(attempt.state);
  if (attempt.startedAtMs === null) return null;
  const isNewest = attempt.number === view.attemptCount;
  const bytes = [attempt.end?.outputBytes, isOver ? 0 : pulse?.outputBytes, isNewest ? view.outputBytes : 0];
  return (
    <OutputPane
      attemptId={attempt.attemptId}
      writtenBytes={Math.max(...bytes.map((count) => count ?? 0))}
      droppedBytes={attempt.end?.outputDroppedBytes ?? 0}
      isOver={isOver}
      isLost={attempt.state === 'lost' && attempt.end === null}
    />
  );
}

/** Three figures that tell most: what was expected, how long it waited, how long it takes. */
function Figures({ view, attempt }: { readonly view: TaskView; readonly attempt: Attempt | null }) {
  const expectedMs = attempt?.explanation?.expectedDurationMs ?? null;
  const tookWords = useCallback((nowMs: number) => formatDuration(durationOf(attempt, nowMs)), [attempt]);
  const waitedWords = useCallback(
    (nowMs: number) =>
      formatDuration(Math.max(0, (attempt?.placedAtMs ?? view.endedAtMs ?? nowMs) - view.submittedAtMs)),
    [attempt, view.endedAtMs, view.submittedAtMs],
  );
  const isWaiting = attempt === null || view.state === 'queued' || view.state === 'blocked';
  return (
    <dl className="placement-figures selectable">
      {expectedMs === null ? null : (
        <div>
          <dt>expected</dt>
          <dd>{formatDuration(expectedMs)}</dd>
        </div>
      )}
      <div>
        <dt>{isWaiting && !isTaskOver(view.state) ? 'submitted' : 'waited'}</dt>
        <dd>
          <BeatWords words={waitedWords} />
          {isWaiting && !isTaskOver(view.state) ? ' ago' : ''}
        </dd>
      </div>
      {attempt?.startedAtMs == null ? null : (
        <div>
          <dt>{isAttemptOver(attempt.state) ? 'took' : 'so far'}</dt>
          <dd>
            <BeatWords words={tookWords} />
          </dd>
        </div>
      )}
    </dl>
  );
}

function durationOf(attempt: Attempt | null, nowMs: number): number | null {
  if (attempt?.startedAtMs == null) return null;
  return Math.max(0, (attempt.endedAtMs ?? nowMs) - attempt.startedAtMs);
}

/** `running 6 min 41 s` */
function Origin({ view, attempt }: { readonly view: TaskView; readonly attempt: Attempt | null }) {
  const { runId, runName, priority, submittedAtMs, attemptCount } = view;
  return (
    <p className="detail-make task-origin">
      run{' '}
      <button type="button" className="link" title={`Show the tasks of ${runName}`} onClick={() => goToRun(runId)}>
        {unturned(runName)}
      </button>
      {attempt === null ? '' : ` · attempt ${attempt.number}${attemptCount > 1 ? ` of ${attemptCount}` : ''}`} ·
      priority {priority} ·{' '}
      <span title={momentWithZone(submittedAtMs)}>submitted {momentWords(submittedAtMs, Date.now())}</span>
    </p>
  );
}
