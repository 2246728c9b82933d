/** The lines of `labwatch status`. */
import { printable } from '../app/terminal-text.ts';
import { SIMULATED } from '../core/fleet/capabilities.ts';
import type { WorkerView } from '../core/fleet/worker.ts';
import {
  formatBytesOf,
  formatCelsius,
  formatDuration,
  formatPercent,
  formatWatts,
  NO_VALUE,
} from '../core/metrics/format.ts';
import { noticeSentence } from '../core/storage-words.ts';
import { listed } from '../core/tasks/words.ts';
import type { InstanceInfo, StatusReport } from '../shared/control/contract.ts';
import { tableLines } from './table.ts';

const HEAD = ['STATE', 'WORKER', 'LEVEL', 'CPU', 'MEMORY', 'GPU', 'DISK', 'LOAD', 'TEMP', 'POWER', 'AGE'];

/** Plain text, a table first; safe to print, whatever a worker is called. */
export function statusLines({ instance, workers, nowMs, notices }: StatusReport): readonly string[] {
  const lines = [instanceLine(instance), '', ...tableLines([HEAD, ...workers.map((worker) => cells(worker, nowMs))])];
  for (const worker of workers) {
    const absence = absenceOf(worker, nowMs);
    if (absence !== null) lines.push(`▲ ${worker.name}: ${absence}`);
    const tasks = tasksOn(worker);
    if (tasks !== null) lines.push(`● ${worker.name} ${tasks}`);
    for (const { collector, state, reason, remedy } of worker.collectors) {
      if (state === 'ok' || state === 'unsupported') continue;
      lines.push(`▲ ${worker.name}: ${collector} ${state}: ${reason ?? ''}${remedy === null ? '' : ` (${remedy})`}`);
    }
  }
  for (const notice of notices) lines.push(`▲ ${noticeSentence(notice)}`);
  return lines.map(printable);
}

/** Since the newest sample, by the instance's clock; null before the first. */
export function ageMsOf(worker: WorkerView, nowMs: number): number | null {
  return worker.lastSampleAtMs === null ? null : Math.max(0, nowMs - worker.lastSampleAtMs);
}

/** What it is called, and that its hardware is made up where it is. */
export function titleOf({ name, capabilities }: WorkerView): string {
  return capabilities.includes(SIMULATED) ? `${name} (simulated)` : name;
}

/** Since when and for how long nothing is heard of a remote worker; null while it is there. */
export function absenceOf({ link, awaySinceMs }: WorkerView, nowMs: number): string | null {
  if (awaySinceMs === null) return null;
  const since = new Date(awaySinceMs).toLocaleString('sv-SE');
  return `${link} since ${since}, for ${formatDuration(Math.max(0, nowMs - awaySinceMs))}`;
}

/** The tasks that run there, by their names, and whether more may come; null where there is nothing to say. */
function tasksOn({ runningTasks, runningTaskCount, admission }: WorkerView): string | null {
  const more = runningTaskCount - runningTasks.length;
  const names = [...runningTasks.map((name) => `“${name}”`), ...(more > 0 ? [`${more} more`] : [])];
  const parts = [
    runningTaskCount === 0 ? null : `runs ${listed(names)}`,
    admission === 'open' ? null : `is ${admission}: it takes no new tasks`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : `${parts.join('; ')}.`;
}

function instanceLine({ kind, version, pid, sinceMs, dataDir }: InstanceInfo): string {
  const since = new Date(sinceMs).toLocaleString('sv-SE');
  return `Labwatch ${version} (${kind}), pid ${pid}, since ${since}, data in ${dataDir}`;
}

function cells(worker: WorkerView, nowMs: number): string[] {
  const { figures } = worker;
  return [
    worker.link,
    titleOf(worker),
    worker.level,
    formatPercent(figures.cpuUtilization),
    formatBytesOf(figures.memoryUsedBytes, figures.memoryLimitBytes),
    formatPercent(figures.gpuUtilization),
    formatPercent(figures.diskUtilization),
    figures.load1?.toFixed(2) ?? NO_VALUE,
    formatCelsius(figures.temperatureCelsius),
    formatWatts(figures.powerWatts),
    formatDuration(ageMsOf(worker, nowMs)),
  ].map(printable);
}
