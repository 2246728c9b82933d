/** One attempt: where it ran and why there, how it went, what it used, wrote and left. The newest stands open. */
import { ChevronRight, FolderOpen } from 'lucide-react';
import { useState } from 'react';
import { formatBytes, formatDuration, formatPercent } from '../../core/metrics/format.ts';
import { type Attempt, isAttemptOver, type Promised } from '../../core/tasks/task.ts';
import { attemptOutcome } from '../../core/tasks/words.ts';
import { call } from '../api.ts';
import { useWorkerPart } from '../state/fleet.ts';
import { useStore } from '../state/store.ts';
import { StateMark } from '../ui/state-mark.tsx';
import { momentWithZone, momentWords } from '../ui/time-words.ts';
import { taskPulses } from './live-tasks.ts';
import { OutputPane } from './output-pane.tsx';
import { attemptMark, endSentences } from './task-words.ts';
import { UsageTable } from './usage-table.tsx';
import { WorkerLink } from './worker-link.tsx';

interface Props {
  readonly attempt: Attempt;
  /** Written so far, where the task tells it. */
  readonly liveOutputBytes: number | null;
  readonly isNewest: boolean;
  /** Sentences that stand above already. */
  readonly told: readonly string[];
}

export function AttemptSection({ attempt, liveOutputBytes, isNewest, told }: Props) {
  const [isOpen, setIsOpen] = useState(isNewest);
  const workerName = useWorkerPart(attempt.workerId, (worker) => worker.name) ?? 'a worker that was removed';
  return (
    <details className="attempt" open={isOpen} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>
        <ChevronRight size={13} aria-hidden="true" />
        <h3>Attempt {attempt.number}</h3>
        <StateMark mark={attemptMark(attempt.state)} size={9} />
        <span className={`attempt-outcome words-${attemptMark(attempt.state)}`}>
          {attemptOutcome(attempt, workerName)}
        </span>
      </summary>
      {isOpen ? <AttemptBody attempt={attempt} liveOutputBytes={liveOutputBytes} told={told} /> : null}
    </details>
  );
}

function AttemptBody({ attempt, liveOutputBytes, told }: Omit<Props, 'isNewest'>) {
  const pulse = useStore(taskPulses, (pulses) => pulses.get(attempt.attemptId) ?? null);
  const isOver = isAttemptOver(attempt.state);
  const outputBytes = Math.max(
    attempt.end?.outputBytes ?? 0,
    isOver ? 0 : (pulse?.outputBytes ?? 0),
    liveOutputBytes ?? 0,
  );
  return (
    <div className="attempt-body">
      <dl className="facts attempt-facts selectable">
        <div>
          <dt>Where</dt>
          <dd>
            <WorkerLink workerId={attempt.workerId} gone="a worker that was removed since" />
          </dd>
        </div>
        <div>
          <dt>Why there</dt>
          <dd>{attempt.placement}</dd>
        </div>
        <div>
          <dt>Kept free</dt>
          <dd>{promisedWords(attempt.promised)}</dd>
        </div>
        <div>
          <dt>When</dt>
          <dd>
            <Times attempt={attempt} />
          </dd>
        </div>
      </dl>
      {endSentences(attempt)
        .filter((sentence) => !told.includes(sentence))
        .map((sentence) => (
          <p key={sentence} className="detail-note selectable">
            {sentence}
          </p>
        ))}
      <UsageTable usage={isOver ? attempt.usage : (pulse?.usage ?? attempt.usage)} pulse={isOver ? null : pulse} />
      <Files attempt={attempt} />
      <OutputPane
        attemptId={attempt.attemptId}
        writtenBytes={outputBytes}
        droppedBytes={attempt.end?.outputDroppedBytes ?? 0}
        isOver={isOver}
        isLost={attempt.state === 'lost' && attempt.end === null}
      />
    </div>
  );
}

/** `14:20:31 to 14:26:02, 5 min 31 s · began after 2 s`. */
function Times({ attempt: { placedAtMs, startedAtMs, endedAtMs } }: { readonly attempt: Attempt }) {
  const nowMs = Date.now();
  if (startedAtMs === null) {
    return <span title={momentWithZone(placedAtMs)}>placed {momentWords(placedAtMs, nowMs)}, not begun</span>;
  }
  const waited = startedAtMs - placedAtMs;
  return (
    <>
      {endedAtMs === null ? 'since ' : ''}
      <time dateTime={new Date(startedAtMs).toISOString()} title={momentWithZone(startedAtMs)}>
        {momentWords(startedAtMs, nowMs)}
      </time>
      {endedAtMs === null ? null : (
        <>
          {' '}
          to{' '}
          <time dateTime={new Date(endedAtMs).toISOString()} title={momentWithZone(endedAtMs)}>
            {momentWords(endedAtMs, nowMs)}
          </time>
          , {formatDuration(endedAtMs - startedAtMs)}
        </>
      )}
      {waited > 0 ? (
        <span className="muted" title={`Placed ${momentWithZone(placedAtMs)}`}>
          {' '}
          · began after {formatDuration(waited)}
        </span>
      ) : null}
    </>
  );
}

function promisedWords({ cores, memoryBytes, gpus, gpuMemoryBytes }: Promised): string {
  return [
    `${cores} ${cores === 1 ? 'core' : 'cores'}`,
    memoryBytes === 0 ? null : formatBytes(memoryBytes),
    ...gpus.map(({ index, share }) => `GPU ${index}${share < 1 ? `, ${formatPercent(share)} of it` : ''}`),
    gpuMemoryBytes === 0 ? null : `${formatBytes(gpuMemoryBytes)} GPU memory`,
  ]
    .filter((part) => part !== null)
    .join(' · ');
}

function Files({ attempt: { attemptId, end } }: { readonly attempt: Attempt }) {
  const [failure, setFailure] = useState<string | null>(null);
  const files = end?.files ?? [];
  if (files.length === 0) return null;
  const open = async () => {
    const answer = await call('task:open-files', attemptId);
    setFailure(answer.ok ? null : answer.error.message);
  };
  return (
    <section aria-label="Fetched files">
      <header className="section-head">
        <h2>Fetched files</h2>
        <button type="button" className="button small" onClick={() => void open()}>
          <FolderOpen size={12} aria-hidden="true" /> Open folder
        </button>
      </header>
      {failure === null ? null : (
        <p className="detail-failure" role="alert">
          {failure}
        </p>
      )}
      <ul className="fetched selectable">
        {files.map(({ path, bytes, sha256 }) => (
          <li key={path} title={`SHA-256 ${sha256}`}>
            <span className="fetched-path">{path}</span>
            <span className="muted">{formatBytes(bytes)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
