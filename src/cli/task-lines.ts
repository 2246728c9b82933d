/** What `labwatch task show` prints of one task; safe to print, whatever is in it. */
import { printable } from '../app/terminal-text.ts';
import { labelTexts } from '../core/fleet/labels.ts';
import type { WorkerId } from '../core/fleet/worker.ts';
import { formatBytes, formatCount, formatDuration, formatPercent, formatValue } from '../core/metrics/format.ts';
import type { AttemptUsage } from '../core/tasks/attempt.ts';
import { outlookSentence } from '../core/tasks/outlook-words.ts';
import { joinWords } from '../core/tasks/shell-words.ts';
import type { Attempt, TaskNeeds, TaskSpec } from '../core/tasks/task.ts';
import type { TaskDetail } from '../core/tasks/view.ts';
import { attemptOutcome } from '../core/tasks/words.ts';
import { tableLines } from './table.ts';
import { momentWords, outcomeWords } from './task-words.ts';

type Row = readonly [title: string, value: string];

export function taskLines(
  { view, task, run, attempts }: TaskDetail,
  nameOf: (workerId: WorkerId) => string,
  nowMs: number,
): readonly string[] {
  const head: readonly Row[] = [
    ['Task', task.spec.name],
    ['State', `${view.state}: ${outcomeWords({ ...view, outlook: null }, nowMs)}`],
    ...(view.outlook === null ? [] : [['Expected', outlookSentence(view.outlook, nowMs)] as const]),
    ['Id', task.taskId],
    ['Run', `${run.name} (${run.runId})`],
    ['Submitted', momentWords(task.submittedAtMs)],
    ...specRows(task.spec),
  ];
  return [
    ...rowLines(head),
    ...attempts.flatMap((attempt) => ['', ...attemptLines(attempt, nameOf(attempt.workerId))]),
  ];
}

/** Only what was asked for; what a plan leaves out needs no line. */
function specRows(spec: TaskSpec): readonly Row[] {
  const { isShell, command, needs, bring, fetch, after, timeoutMs, retries } = spec;
  const said: readonly (Row | null)[] = [
    ['Command', isShell ? (command[0] ?? '') : joinWords(command)],
    ['Folder', spec.cwd ?? 'a fresh scratch folder'],
    optional('Variables', Object.keys(spec.env).join(', ')),
    ['Needs', needsWords(needs)],
    optional('Brings', bring.map(({ from, to }) => (from === to ? from : `${from} as ${to}`)).join(', ')),
    optional('Fetches', fetch.join(', ')),
    optional('After', after.join(', ')),
    optional('Type', spec.type ?? ''),
    ['Priority', String(spec.priority)],
    timeoutMs === null ? null : ['Time limit', formatDuration(timeoutMs)],
    retries === 0 ? null : ['Retries', String(retries)],
    optional('Group', spec.group === null ? '' : `${spec.group}, at most ${spec.groupLimit ?? 'all'} at once`),
  ];
  return said.filter((row) => row !== null);
}

function attemptLines(attempt: Attempt, workerName: string): readonly string[] {
  const { number, placement, placedAtMs, startedAtMs, endedAtMs, end, usage } = attempt;
  const rows: readonly (Row | null)[] = [
    ['  Where', workerName],
    ['  Why there', placement],
    ['  Placed', momentWords(placedAtMs)],
    startedAtMs === null ? null : ['  Began', momentWords(startedAtMs)],
    endedAtMs === null ? null : ['  Ended', momentWords(endedAtMs)],
    usage === null ? null : ['  Used', usageWords(usage)],
    end === null ? null : ['  Wrote', outputWords(end.outputBytes, end.outputDroppedBytes)],
    ...(end?.files ?? []).map(({ path, bytes }): Row => ['  Fetched', `${path}, ${formatBytes(bytes)}`]),
    ...(end?.filesLeft ?? []).map((sentence): Row => ['  Not fetched', sentence]),
    end === null || end.orphansEnded === 0
      ? null
      : ['  Left over', `${formatCount(end.orphansEnded)} processes that outlived the command were ended`],
  ];
  const title = printable(`Attempt ${number}: ${attemptOutcome(attempt, workerName)}`);
  return [title, ...rowLines(rows.filter((row) => row !== null))];
}

function needsWords(needs: TaskNeeds): string {
  const gpuWords = [
    needs.gpuModel,
    needs.gpuMemoryBytes === null ? null : `${formatBytes(needs.gpuMemoryBytes)} each`,
  ].filter((word) => word !== null);
  const words = [
    needs.cores === 1 ? '1 core' : `${needs.cores} cores`,
    needs.memoryBytes === null ? null : `${formatBytes(needs.memoryBytes)} of memory`,
    needs.gpus === 0 ? null : `${needs.gpus} GPU${gpuWords.length === 0 ? '' : ` (${gpuWords.join(', ')})`}`,
    ...needs.capabilities,
    ...labelTexts(needs.labels),
  ];
  return words.filter((word) => word !== null).join(', ');
}

/** Only what was measured: a figure that is not known is not 0. */
function usageWords(usage: AttemptUsage): string {
  const figures: readonly (readonly [value: number | null, words: (value: number) => string])[] = [
    [usage.cpuSeconds, (seconds) => `${formatValue('s', seconds)} of CPU`],
    [usage.coresPeak, (cores) => `${cores.toFixed(2)} cores at most`],
    [usage.memoryPeakBytes, (bytes) => `${formatBytes(bytes)} of memory at most`],
    [usage.gpuUtilizationPeak, (ratio) => `GPU ${formatPercent(ratio)} at most`],
    [usage.gpuMemoryPeakBytes, (bytes) => `${formatBytes(bytes)} of GPU memory at most`],
    [usage.diskReadBytes, (bytes) => `${formatBytes(bytes)} read`],
    [usage.diskWriteBytes, (bytes) => `${formatBytes(bytes)} written`],
    [usage.networkReceivedBytes, (bytes) => `${formatBytes(bytes)} received`],
    [usage.networkSentBytes, (bytes) => `${formatBytes(bytes)} sent`],
    [usage.energyJoules, (joules) => formatValue('J', joules)],
  ];
  const words = figures.flatMap(([value, word]) => (value === null ? [] : [word(value)]));
  return words.join(', ') || 'not measured';
}

function outputWords(bytes: number, droppedBytes: number): string {
  if (bytes === 0) return 'nothing';
  const dropped = droppedBytes === 0 ? '' : `; the first ${formatBytes(droppedBytes)} were not kept`;
  return `${formatBytes(bytes)} of output${dropped}`;
}

function optional(title: string, value: string): Row | null {
  return value === '' ? null : [title, value];
}

function rowLines(rows: readonly Row[]): readonly string[] {
  return tableLines(rows.map((row) => row.map(printable)));
}
