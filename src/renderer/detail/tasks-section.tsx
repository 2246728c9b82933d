/** What a worker has to do with tasks: whether it takes new ones, what runs there, and on what terms. */
import { useState } from 'react';
import type { WorkerId } from '../../core/fleet/worker.ts';
import type { Admission } from '../../core/scheduling/place.ts';
import type { TaskTerms } from '../../core/tasks/terms.ts';
import { call } from '../api.ts';
import { useWorkerPart } from '../state/fleet.ts';
import { goToTasksOf } from '../state/task-place.ts';
import { CommandLine } from '../ui/command-line.tsx';
import { unturned } from '../ui/unturned.ts';
import { ADMISSION_WORDS, admissionSentence, termsFacts } from './admission-words.ts';

/** Changes the terms of an agent that has joined already, where the pasted command put it. */
const ALLOW_COMMAND = 'node ~/.labwatch-agent/agent.mjs join --run-tasks';

export function TasksSection({ workerId }: { readonly workerId: WorkerId }) {
  const runsTasks = useWorkerPart(workerId, (worker) => worker.runsTasks) ?? false;
  const name = useWorkerPart(workerId, (worker) => worker.name) ?? '';
  const running = useWorkerPart(workerId, ({ runningTaskCount }) => runningTaskCount) ?? 0;
  return (
    <section className="worker-tasks" aria-label="Tasks">
      <header className="section-head">
        <h2>Tasks</h2>
        <button type="button" className="button small" onClick={() => goToTasksOf(workerId)}>
          Show its tasks
        </button>
        {runsTasks ? <AdmissionButtons workerId={workerId} /> : null}
      </header>
      {runsTasks ? (
        <Terms workerId={workerId} running={running} />
      ) : (
        <>
          <p className="detail-note">
            {name} is only watched: its owner allows no tasks there. To allow them, run this on that machine:
          </p>
          <CommandLine command={ALLOW_COMMAND} label="Copy the command that allows tasks" />
          <p className="detail-note">
            Where Labwatch is installed, <code className="selectable">labwatch worker join --run-tasks</code> does the
            same.
          </p>
        </>
      )}
    </section>
  );
}

function AdmissionButtons({ workerId }: { readonly workerId: WorkerId }) {
  const admission = useWorkerPart(workerId, (worker) => worker.admission) ?? 'open';
  const [failure, setFailure] = useState<string | null>(null);
  const change = async (next: Admission) => {
    const answer = await call('worker:set-admission', workerId, next);
    setFailure(answer.ok ? null : answer.error.message);
  };
  const others = (['open', 'paused', 'draining'] as const).filter((one) => one !== admission);
  return (
    <>
      {others.map((one) => (
        <button
          key={one}
          type="button"
          className="button small"
          title={ADMISSION_WORDS[one].does}
          onClick={() => void change(one)}
        >
          {ADMISSION_WORDS[one].verb}
        </button>
      ))}
      {failure === null ? null : (
        <p className="detail-failure" role="alert">
          {failure}
        </p>
      )}
    </>
  );
}

function Terms({ workerId, running }: { readonly workerId: WorkerId; readonly running: number }) {
  const admission = useWorkerPart(workerId, (worker) => worker.admission) ?? 'open';
  const isLocal = useWorkerPart(workerId, (worker) => worker.isLocal) ?? false;
  // Compared as text: a new object comes with every patch, and almost always says the same.
  const text = useWorkerPart(workerId, ({ remote }) => JSON.stringify(remote?.taskTerms ?? null)) ?? 'null';
  const names = useWorkerPart(workerId, ({ runningTasks }) => runningTasks.join('\n')) ?? '';
  const facts = termsFacts(JSON.parse(text) as TaskTerms | null, isLocal);
  return (
    <>
      <p className="detail-note" role="status">
        {admissionSentence(admission, running)}
      </p>
      <dl className="facts selectable">
        {names === '' ? null : (
          <div>
            <dt>Running</dt>
            <dd className="running-names">{unturned(names)}</dd>
          </div>
        )}
        {facts.map(([title, words]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
