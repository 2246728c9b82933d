/** The lines of `labwatch workers`: who belongs to the fleet, how each is linked, and where others could come in. */
import { printable } from '../app/terminal-text.ts';
import type { ListenerView } from '../core/fleet/listener.ts';
import type { RemoteView, WorkerView } from '../core/fleet/worker.ts';
import { formatCount, formatDuration, formatValue, NO_VALUE } from '../core/metrics/format.ts';
import type { StatusReport } from '../shared/control/contract.ts';
import { absenceOf, ageMsOf, titleOf } from './status-table.ts';
import { tableLines } from './table.ts';

const HEAD = ['STATE', 'WORKER', 'LEVEL', 'ADDRESS', 'AGENT', 'SYSTEM', 'TASKS', 'CLOCK', 'AGE', 'ID'];

/** Safe to print, whatever a worker is called or says of itself. */
export function workersLines({ workers, nowMs }: StatusReport, listener: ListenerView): readonly string[] {
  const lines = tableLines([HEAD, ...workers.map((worker) => cells(worker, nowMs))]);
  for (const worker of workers) {
    for (const remark of remarksOn(worker, nowMs)) lines.push(`▲ ${worker.name}: ${remark}`);
  }
  return [...lines, '', listenerLine(listener)].map(printable);
}

/** Where agents come in, or why they cannot, in one line. */
export function listenerLine(listener: ListenerView): string {
  switch (listener.state) {
    case 'failed':
      return `▲ No worker can come in: ${listener.reason ?? 'the listener failed.'}`;
    case 'resting':
      return 'Nothing listens for workers: none is enrolled or invited. `labwatch workers add` invites one.';
    case 'listening':
      return `Workers come in at ${placeOf(listener)}.${listener.isLoopbackOnly ? ' Only this machine can reach it.' : ''}`;
  }
}

export function placeOf({ address, port }: ListenerView): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function cells(worker: WorkerView, nowMs: number): string[] {
  return [
    worker.link,
    titleOf(worker),
    worker.level,
    ...(worker.remote === null ? ['this machine', NO_VALUE, NO_VALUE] : remoteCells(worker.remote)),
    tasksCell(worker),
    worker.remote === null ? NO_VALUE : clockDifference(worker.remote.clockDifferenceMs),
    formatDuration(ageMsOf(worker, nowMs)),
    worker.workerId,
  ].map(printable);
}

function remoteCells({ address, agentVersion, platform }: RemoteView): string[] {
  return [address ?? NO_VALUE, agentVersion ?? NO_VALUE, platform ?? NO_VALUE];
}

/** How many run there now, where it takes tasks; else why it does not. */
function tasksCell({ runsTasks, admission, runningTaskCount }: WorkerView): string {
  if (!runsTasks) return 'only watched';
  const running = runningTaskCount === 0 ? 'none' : `${runningTaskCount} running`;
  return admission === 'open' ? running : `${admission}, ${running}`;
}

function clockDifference(differenceMs: number | null): string {
  if (differenceMs === null) return NO_VALUE;
  return `${differenceMs < 0 ? '-' : '+'}${formatDuration(Math.abs(differenceMs))}`;
}

function remarksOn(worker: WorkerView, nowMs: number): readonly string[] {
  const { remote } = worker;
  const absence = absenceOf(worker, nowMs);
  const remarks = absence === null ? [] : [absence];
  if (remote === null) return remarks;
  if (remote.spooledBytes > 0) remarks.push(`${formatValue('By', remote.spooledBytes)} of its past are still to come`);
  if (remote.lostTicks > 0) {
    remarks.push(`${formatCount(remote.lostTicks)} ticks lost, because its store for times without a link was full`);
  }
  return remarks;
}
