/** What `labwatch headless` shows on a terminal, as lines; drawing them is the screen's work. */

import type { LinkState, WorkerView } from '../core/fleet/worker.ts';
import type { CollectorStatus } from '../core/metrics/collector.ts';
import {
  formatBytes,
  formatBytesOf,
  formatCelsius,
  formatDuration,
  formatPercent,
  formatWatts,
} from '../core/metrics/format.ts';
import { TICK_INTERVAL_MS } from '../core/metrics/level.ts';
import type { ProcessSample, ProcessSnapshot } from '../core/metrics/sample.ts';
import { SECOND_MS } from '../core/time.ts';
import { fitColumns, type Segment, type Style, type StyledLine } from './terminal-text.ts';

export interface HeadlessModel {
  readonly version: string;
  readonly dataDir: string;
  /** Local time of day. */
  readonly clockText: string;
  readonly worker: WorkerView;
  readonly processes: ProcessSnapshot | null;
  readonly notices: readonly string[];
  readonly hasKeys: boolean;
}

const LINKS: Readonly<Record<LinkState, Segment>> = {
  online: ['● online', 'ok'],
  stale: ['○ stale', 'warning'],
  unreachable: ['▲ unreachable', 'warning'],
  lost: ['▲ lost', 'critical'],
};
const BARS = ' ▁▂▃▄▅▆▇█';
const LABEL_COLUMNS = 8;
const VALUE_COLUMNS = 7;
const SPARKLINE_COLUMNS = 60;

/** Lines for a terminal of this size: header, meters, troubles, processes as far as they fit, keys. */
export function headlessView(model: HeadlessModel, columns: number, rows: number): readonly StyledLine[] {
  const top = [
    header(model),
    [] as StyledLine,
    ...meters(model.worker, columns),
    facts(model.worker),
    [] as StyledLine,
  ];
  const troubles = [...model.notices.map(noticeLine), ...model.worker.collectors.flatMap(collectorLine)];
  const shownTroubles = troubles.slice(0, Math.max(1, Math.floor(rows / 4)));
  const spacer: StyledLine[] = shownTroubles.length > 0 ? [[]] : [];
  const rowsLeft = rows - top.length - shownTroubles.length - spacer.length - 2;
  const table = processTable(model.processes, columns, Math.max(0, rowsLeft));
  const body = [...top, ...shownTroubles, ...spacer, ...table];
  const filler: StyledLine[] = new Array(Math.max(0, rows - 1 - body.length)).fill([]);
  return [...body.slice(0, rows - 1), ...filler, footer(model)];
}

function header({ version, worker, clockText }: HeadlessModel): StyledLine {
  const everyMs = TICK_INTERVAL_MS[worker.level];
  const every = everyMs < SECOND_MS ? `${everyMs} ms` : `${everyMs / SECOND_MS} s`;
  return [
    [`Labwatch ${version}`, 'strong'],
    ['  '],
    [worker.name, 'strong'],
    ['  '],
    LINKS[worker.link],
    [`  ${worker.level}, every ${every}`],
    [worker.headline === null ? '' : `  ${worker.headline}`, 'muted'],
    [`  ${clockText}`, 'muted'],
  ];
}

function meters(worker: WorkerView, columns: number): StyledLine[] {
  const { figures } = worker;
  const memory = formatBytesOf(figures.memoryUsedBytes, figures.memoryLimitBytes);
  const barColumns = Math.max(10, Math.min(40, columns - LABEL_COLUMNS - VALUE_COLUMNS - 22));
  const sparkline = worker.cpuSparkline.slice(-Math.min(SPARKLINE_COLUMNS, Math.max(10, columns - LABEL_COLUMNS - 2)));
  const lines: StyledLine[] = [
    meter('CPU', figures.cpuUtilization, barColumns, ''),
    [
      [fitColumns('60 s', LABEL_COLUMNS), 'muted'],
      [sparkline.map(bar).join(''), 'accent'],
    ],
    meter('Memory', figures.memoryUtilization, barColumns, figures.memoryUsedBytes === null ? '' : memory),
  ];
  if (figures.gpuUtilization !== null) lines.push(meter('GPU', figures.gpuUtilization, barColumns, ''));
  lines.push(meter('Disk', figures.diskUtilization, barColumns, 'fullest filesystem'));
  return lines;
}

function meter(label: string, ratio: number | null, barColumns: number, note: string): StyledLine {
  const filled = ratio === null ? 0 : Math.round(Math.min(1, Math.max(0, ratio)) * barColumns);
  return [
    [fitColumns(label, LABEL_COLUMNS)],
    ['█'.repeat(filled), 'accent'],
    ['░'.repeat(barColumns - filled), 'muted'],
    [fitColumns(formatPercent(ratio), VALUE_COLUMNS, 'right'), 'strong'],
    [`  ${note}`, 'muted'],
  ];
}

/** A bar's height for a ratio; a blank where there was no sample, so that a gap looks like one. */
function bar(ratio: number | null): string {
  if (ratio === null) return ' ';
  return BARS[Math.max(1, Math.min(8, Math.ceil(ratio * 8)))] ?? ' ';
}

function facts({ figures }: WorkerView): StyledLine {
  const parts = [
    `load ${figures.load1?.toFixed(2) ?? '–'}`,
    figures.uptimeSeconds === null ? null : `up ${formatDuration(figures.uptimeSeconds * SECOND_MS)}`,
    figures.temperatureCelsius === null ? null : formatCelsius(figures.temperatureCelsius),
    figures.powerWatts === null ? null : formatWatts(figures.powerWatts),
  ];
  return [[fitColumns('', LABEL_COLUMNS)], [parts.filter((part) => part !== null).join(' · '), 'muted']];
}

function collectorLine(status: CollectorStatus): StyledLine[] {
  // Hardware that is not there is no trouble.
  if (status.state === 'ok' || status.state === 'unsupported') return [];
  const style: Style = status.state === 'failing' ? 'critical' : 'warning';
  const remedy = status.remedy === null ? '' : `  ${status.remedy}`;
  return [[[`▲ ${status.collector}: ${status.state}`, style], [`  ${status.reason ?? ''}`], [remedy, 'muted']]];
}

function noticeLine(sentence: string): StyledLine {
  return [['▲ ', 'warning'], [sentence]];
}

function processTable(snapshot: ProcessSnapshot | null, columns: number, rows: number): StyledLine[] {
  if (rows < 2) return [];
  if (snapshot === null) return [[['No processes at this level; press l for more detail.', 'muted']]];
  const head: StyledLine = [[`${processRow('PID', 'CPU', 'MEMORY', 'USER')}COMMAND`, 'muted']];
  return [head, ...snapshot.processes.slice(0, rows - 1).map((process) => processLine(process, columns))];
}

function processLine(process: ProcessSample, columns: number): StyledLine {
  const cpu = formatPercent(process.cpuCores);
  const row = processRow(String(process.pid), cpu, formatBytes(process.memoryBytes), process.user ?? '–');
  return [[row], [fitColumns(process.command || process.name, Math.max(10, columns - row.length))]];
}

function processRow(pid: string, cpu: string, memory: string, user: string): string {
  return `${fitColumns(pid, 8, 'right')}${fitColumns(cpu, 8, 'right')}${fitColumns(memory, 11, 'right')}  ${fitColumns(user, 10)}`;
}

function footer({ dataDir, hasKeys }: HeadlessModel): StyledLine {
  const keys: StyledLine = hasKeys ? [['q'], [' quit   ', 'muted'], ['l'], [' level   ', 'muted']] : [];
  return [...keys, [dataDir, 'muted']];
}
