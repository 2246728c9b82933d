/** What an attempt used, all its processes together. What was not measured says so; it is not 0. */
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  formatValue,
  NO_VALUE,
} from '../../core/metrics/format.ts';
import type { AttemptPulse, AttemptUsage, UsageBasis } from '../../core/tasks/attempt.ts';
import { SECOND_MS } from '../../core/time.ts';

interface Props {
  readonly usage: AttemptUsage | null;
  /** Of an attempt that runs. */
  readonly pulse: AttemptPulse | null;
}

const BASIS_WORDS: Readonly<Record<UsageBasis, string>> = {
  cgroup: 'Counted by the kernel over all its processes.',
  subreaper: 'Read from all its processes, also those that left their parent.',
  'process-tree': 'Read from its processes each second: what lived shorter is in CPU time, not in the peaks.',
};

export function UsageTable({ usage, pulse }: Props) {
  if (usage === null) {
    return (
      <section aria-label="Usage">
        <header className="section-head">
          <h2>Used</h2>
        </header>
        <p className="detail-note">Not measured.</p>
      </section>
    );
  }
  const isLive = pulse !== null;
  return (
    <section aria-label="Usage">
      <header className="section-head">
        <h2>Used{isLive ? ' so far' : ''}</h2>
        <span className="muted">{formatDuration(usage.wallMs)}</span>
      </header>
      <table className="usage">
        <thead>
          <tr>
            <td />
            {isLive ? <th scope="col">now</th> : null}
            <th scope="col">peak</th>
            <th scope="col">mean</th>
            <th scope="col">total</th>
          </tr>
        </thead>
        <tbody className="selectable">
          {usageRows(usage, pulse).map(({ title, now, peak, mean, total }) => {
            const cells = isLive ? [now, peak, mean, total] : [peak, mean, total];
            const isMeasured = cells.some((cell) => cell !== undefined && cell !== NO_VALUE);
            return (
              <tr key={title}>
                <th scope="row">{title}</th>
                {isMeasured ? (
                  // biome-ignore lint/suspicious/noArrayIndexKey: columns never move
                  cells.map((cell, index) => <td key={index}>{cell === NO_VALUE ? <Unknown /> : cell}</td>)
                ) : (
                  <td colSpan={cells.length} className="not-measured">
                    not measured
                  </td>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
      <p className="detail-note">{BASIS_WORDS[usage.basis]}</p>
    </section>
  );
}

function Unknown() {
  return (
    <span className="muted" title="not measured">
      {NO_VALUE}
      <span className="visually-hidden"> not measured</span>
    </span>
  );
}

/** Undefined: there is no such figure. */
interface UsageRow {
  readonly title: string;
  readonly now?: string;
  readonly peak?: string;
  readonly mean?: string;
  readonly total?: string;
}

function usageRows(usage: AttemptUsage, pulse: AttemptPulse | null): readonly UsageRow[] {
  const hasGpu = usage.gpuUtilizationPeak !== null || usage.gpuMemoryPeakBytes !== null;
  const hasNetwork = usage.networkReceivedBytes !== null || usage.networkSentBytes !== null;
  const cpuMs = usage.cpuSeconds === null ? null : usage.cpuSeconds * SECOND_MS;
  return [
    {
      title: 'CPU',
      now: coresWords(pulse?.cores ?? null),
      peak: coresWords(usage.coresPeak),
      mean: coresWords(usage.coresMean),
      total: formatDuration(cpuMs),
    },
    {
      title: 'Memory',
      now: formatBytes(pulse?.memoryBytes ?? null),
      peak: formatBytes(usage.memoryPeakBytes),
      mean: formatBytes(usage.memoryMeanBytes),
    },
    ...(hasGpu ? gpuRows(usage, pulse) : []),
    { title: 'Disk read', total: formatBytes(usage.diskReadBytes) },
    { title: 'Disk write', total: formatBytes(usage.diskWriteBytes) },
    ...(hasNetwork
      ? [
          { title: 'Received', total: formatBytes(usage.networkReceivedBytes) },
          { title: 'Sent', total: formatBytes(usage.networkSentBytes) },
        ]
      : []),
    ...(usage.energyJoules === null ? [] : [{ title: 'Energy', total: formatValue('J', usage.energyJoules) }]),
    { title: 'Processes', peak: formatCount(usage.processesPeak) },
  ];
}

function gpuRows(usage: AttemptUsage, pulse: AttemptPulse | null): readonly UsageRow[] {
  return [
    { title: 'GPU', peak: formatPercent(usage.gpuUtilizationPeak), mean: formatPercent(usage.gpuUtilizationMean) },
    {
      title: 'GPU memory',
      now: formatBytes(pulse?.gpuMemoryBytes ?? null),
      peak: formatBytes(usage.gpuMemoryPeakBytes),
      mean: formatBytes(usage.gpuMemoryMeanBytes),
    },
  ];
}

function coresWords(cores: number | null): string {
  if (cores === null) return NO_VALUE;
  const text = formatValue('{item}', cores);
  // Little is not nothing.
  if (text === '0' && cores > 0) return '< 0.01\u00a0cores';
  return `${text}\u00a0${text === '1' ? 'core' : 'cores'}`;
}
