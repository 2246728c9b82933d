/** How far a run is while somebody waits for it: a bar on a terminal, lines elsewhere. */
import { SingleBar } from 'cli-progress';
import { printable } from '../app/terminal-text.ts';
import { formatCount } from '../core/metrics/format.ts';
import type { RunView, TaskView } from '../core/tasks/view.ts';
import { taskOutcome } from '../core/tasks/words.ts';
import { countWords, overTotal, tasksWord, taskTotal } from './task-words.ts';

export interface RunProgress {
  at(run: RunView, changed: readonly TaskView[]): void;
  dispose(): void;
}

/** Between two lines about the run as a whole. */
const LINE_EVERY_MS = 5_000;

/** `isOnTerminal`: a bar may be drawn there. */
export function showRunProgress(
  run: RunView,
  out: NodeJS.WriteStream,
  isOnTerminal: boolean,
  monotonicMs: () => number,
): RunProgress {
  return isOnTerminal ? barProgress(run, out) : lineProgress(out, monotonicMs);
}

function barProgress(first: RunView, out: NodeJS.WriteStream): RunProgress {
  const bar = new SingleBar({
    stream: out,
    hideCursor: true,
    clearOnComplete: true,
    barsize: 30,
    format: '[{bar}] {value} of {total}  {words}',
  });
  bar.start(taskTotal(first.counts), overTotal(first.counts), { words: wordsFor(first) });
  return {
    at: (run) => bar.update(overTotal(run.counts), { words: wordsFor(run) }),
    dispose: () => bar.stop(),
  };
}

/** A line for each task that did not succeed, and now and then one for the whole. */
function lineProgress(out: NodeJS.WriteStream, monotonicMs: () => number): RunProgress {
  let saidAtMs = monotonicMs();
  let said = '';
  return {
    at(run, changed) {
      for (const task of changed) {
        if (task.state !== 'failed' && task.state !== 'parked') continue;
        out.write(`${printable(`■ ${task.taskId}  ${task.name}: ${taskOutcome(task)}`)}\n`);
      }
      const words = `${formatCount(overTotal(run.counts))} of ${tasksWord(taskTotal(run.counts))}: ${wordsFor(run)}`;
      if (words === said || (monotonicMs() - saidAtMs < LINE_EVERY_MS && run.state !== 'waiting')) return;
      saidAtMs = monotonicMs();
      said = words;
      out.write(`${printable(words)}\n`);
    },
    dispose: () => undefined,
  };
}

function wordsFor({ state, runId, counts }: RunView): string {
  const words = countWords(counts);
  return state === 'waiting' ? `${words}; \`labwatch tasks --run ${runId} --state parked\` waits for you` : words;
}
