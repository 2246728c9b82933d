/** What a task asked for: needs and terms, only what differs from nothing; and what is expected of it while that is to come. */
import { formatBytes, formatDuration } from '../../core/metrics/format.ts';
import type { Task, TaskNeeds, TaskSpec } from '../../core/tasks/task.ts';
import type { TaskOutlook } from '../../core/tasks/view.ts';
import { TaskExpected } from './task-expected.tsx';

interface Props {
  readonly task: Task;
  readonly outlook: TaskOutlook | null;
}

export function TaskFacts({ task, outlook }: Props) {
  const { spec } = task;
  const facts: readonly Fact[] = [
    ['Needs', needsOf(spec.needs)],
    ['Folder', [spec.cwd ?? 'a fresh one for each attempt']],
    ['Terms', termsOf(task)],
    ['After', spec.after],
    ['Brings', spec.bring.map(({ from, to }) => (from === to ? to : `${from} as ${to}`))],
    ['Fetches', spec.fetch],
    ['Environment', Object.entries(spec.env).map(([key, value]) => `${key}=${value}`)],
    ['Input', spec.stdin === null ? [] : [shortened(spec.stdin)]],
    ['Kind', spec.type === null ? [] : [spec.type]],
  ];
  return (
    <section className="task-needs" aria-label="Needs">
      <header className="section-head">
        <h2>Asks for</h2>
      </header>
      <dl className="facts task-facts selectable">
        {outlook === null ? null : <TaskExpected outlook={outlook} />}
        {facts.map(([title, values]) =>
          values.length === 0 ? null : (
            <div key={title}>
              <dt>{title}</dt>
              {values.map((value) => (
                <dd key={value}>{value}</dd>
              ))}
            </div>
          ),
        )}
      </dl>
    </section>
  );
}

type Fact = readonly [title: string, values: readonly string[]];

const MOST_LETTERS = 300;

function shortened(text: string): string {
  return text.length <= MOST_LETTERS ? text : `${text.slice(0, MOST_LETTERS)} … (${text.length} characters)`;
}

/** `2 cores · 4 GiB memory`, then what each GPU must be, then capabilities and labels. */
function needsOf({ cores, memoryBytes, gpus, gpuMemoryBytes, gpuModel, capabilities, labels }: TaskNeeds) {
  const first = [`${cores} ${cores === 1 ? 'core' : 'cores'}`];
  if (memoryBytes !== null) first.push(`${formatBytes(memoryBytes)} memory`);
  const gpu: string[] = [];
  if (gpus > 0) gpu.push(gpus < 1 ? `${gpus} of a GPU` : gpus === 1 ? '1 GPU' : `${gpus} GPUs`);
  if (gpuModel !== null) gpu.push(gpuModel);
  if (gpuMemoryBytes !== null) gpu.push(`${formatBytes(gpuMemoryBytes)} on each`);
  const rest = [...capabilities, ...Object.entries(labels).map(([key, value]) => `${key}=${value}`)];
  return [first, gpu, rest].filter((line) => line.length > 0).map((line) => line.join(' · '));
}

function termsOf({ spec, retriesLeft }: Task): readonly string[] {
  const { timeoutMs, retries, group, groupLimit, affinityKey, isRerunIfLost }: TaskSpec = spec;
  return [
    ...(timeoutMs === null ? [] : [`ended after ${formatDuration(timeoutMs)}`]),
    ...(retries === 0 ? [] : [`${retriesLeft} of ${retries} ${retries === 1 ? 'retry' : 'retries'} left`]),
    ...(group === null ? [] : [`group ${group}${groupLimit === null ? '' : `, at most ${groupLimit} at once`}`]),
    ...(affinityKey === null ? [] : [`best where ${affinityKey} was before`]),
    ...(isRerunIfLost ? [] : ['not repeated if its worker is lost']),
  ];
}
