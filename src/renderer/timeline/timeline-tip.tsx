/** Exact values of what the pointer is on. */
import { useLayoutEffect, useRef } from 'react';
import type { WorkerId } from '../../core/fleet/worker.ts';
import { formatCount, formatDuration } from '../../core/metrics/format.ts';
import type { TaskView } from '../../core/tasks/view.ts';
import { useStore } from '../state/store.ts';
import { capital } from '../ui/capital.ts';
import { momentWithZone, momentWords } from '../ui/time-words.ts';
import { unturned } from '../ui/unturned.ts';
import { type Bar, drawnEndMs } from './bars.ts';
import { waitingReason } from './queue.ts';
import type { Hovered, TimelineModel } from './timeline-model.ts';
import { barState, barTimes } from './timeline-words.ts';

interface Props {
  readonly model: TimelineModel;
  readonly nameOf: (workerId: WorkerId) => string;
}

const GAP = 14;

export function TimelineTip({ model, nameOf }: Props) {
  const hovered = useStore(model.hovered, (current) => current);
  const element = useRef<HTMLDivElement>(null);
  // Beside the pointer, on the side where it fits; known only once it has its size.
  useLayoutEffect(() => {
    const tip = element.current;
    if (tip === null || hovered === null) return;
    const { width, height } = model.plot.get();
    const left = hovered.x + GAP + tip.offsetWidth > width ? hovered.x - GAP - tip.offsetWidth : hovered.x + GAP;
    const top = hovered.y + GAP + tip.offsetHeight > height ? hovered.y - GAP - tip.offsetHeight : hovered.y + GAP;
    tip.style.transform = `translate(${Math.max(0, Math.round(left))}px, ${Math.max(0, Math.round(top))}px)`;
  }, [hovered, model]);
  if (hovered === null) return null;
  return (
    <div ref={element} className="timeline-tip" aria-hidden="true">
      <TipBody hovered={hovered} nameOf={nameOf} />
    </div>
  );
}

function TipBody({ hovered, nameOf }: { readonly hovered: Hovered } & Pick<Props, 'nameOf'>) {
  const nowMs = Date.now();
  if (hovered.kind === 'waiting') return <WaitingTip task={hovered.task} nowMs={nowMs} />;
  const { piece, lane, row } = hovered;
  if (piece.count === 1) return <BarTip bar={piece.bar} worker={nameOf(lane.workerId)} nowMs={nowMs} />;
  const bars = lane.rows[row]?.bars.slice(piece.index, piece.index + piece.count) ?? [];
  const toMs = Math.max(...bars.map((bar) => drawnEndMs(bar, nowMs)));
  return (
    <>
      <p className="timeline-tip-title">{formatCount(piece.count)} attempts</p>
      <Facts
        facts={[
          ['Worker', nameOf(lane.workerId)],
          ['When', `${momentWords(piece.bar.fromMs, nowMs)} to ${momentWords(toMs, nowMs)}`],
          ...(piece.badCount === 0 ? [] : [['Failed or lost', formatCount(piece.badCount)] as const]),
        ]}
      />
      <p className="muted">A click zooms to them.</p>
    </>
  );
}

function BarTip({ bar, worker, nowMs }: { readonly bar: Bar; readonly worker: string; readonly nowMs: number }) {
  const { name, type, runName, number, startedAtMs, placedAtMs } = bar.attempt;
  const waitedMs = startedAtMs === null ? null : Math.max(0, startedAtMs - placedAtMs);
  return (
    <>
      <p className="timeline-tip-title">{unturned(name)}</p>
      <p className={`words-${TIP_WORDS[bar.look]}`}>{capital(barState(bar, nowMs))}</p>
      <Facts
        facts={[
          ['Worker', worker],
          ['Run', unturned(runName)],
          ...(type === null ? [] : [['Type', unturned(type)] as const]),
          ...(number > 1 ? [['Attempt', String(number)] as const] : []),
          ['When', barTimes(bar, nowMs)],
          ...(waitedMs === null || waitedMs < 1 ? [] : [['Began after', formatDuration(waitedMs)] as const]),
        ]}
      />
      <p className="muted">{momentWithZone(bar.fromMs)}</p>
    </>
  );
}

const TIP_WORDS = {
  done: 'ok',
  running: 'busy',
  coming: 'busy',
  failed: 'critical',
  stopped: 'stopped',
  lost: 'warning',
} as const;

function WaitingTip({ task, nowMs }: { readonly task: TaskView; readonly nowMs: number }) {
  return (
    <>
      <p className="timeline-tip-title">{unturned(task.name)}</p>
      <p>{waitingReason(task)}</p>
      <Facts
        facts={[
          ['Run', unturned(task.runName)],
          ['Priority', String(task.priority)],
          ['Submitted', momentWords(task.submittedAtMs, nowMs)],
          ['Waiting for', formatDuration(Math.max(0, nowMs - task.submittedAtMs))],
        ]}
      />
    </>
  );
}

function Facts({ facts }: { readonly facts: readonly (readonly [string, string])[] }) {
  return (
    <dl>
      {facts.map(([title, words]) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd>{words}</dd>
        </div>
      ))}
    </dl>
  );
}
