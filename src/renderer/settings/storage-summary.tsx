/** What the history weighs now, what it will come to, and what is free. */
import { useCallback, useEffect, useState } from 'react';
import { formatCount, formatGigabytes } from '../../core/metrics/format.ts';
import type { Failure } from '../../core/result.ts';
import type { Settings } from '../../core/settings/settings.ts';
import type { StorageUsage } from '../../core/storage-report.ts';
import { SECOND_MS } from '../../core/time.ts';
import { call } from '../api.ts';
import { isWindowVisible } from '../state/beat.ts';
import { dayWords } from '../ui/time-words.ts';
import { totalBytes } from './retention-words.ts';

const EVERY_MS = 30 * SECOND_MS;

export interface Usage {
  readonly usage: StorageUsage | null;
  readonly failure: Failure | null;
  readonly reload: () => void;
}

/** Read again every half minute while it is looked at, and after each change of `settings`. */
export function useStorageUsage(settings: Settings): Usage {
  const [usage, setUsage] = useState<StorageUsage | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const load = useCallback(async () => {
    if (!isWindowVisible()) return;
    const answer = await call('storage:usage');
    if (answer.ok) setUsage(answer.value);
    setFailure(answer.ok ? null : answer.error);
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another retention has another projection
  useEffect(() => {
    void load();
    const timer = setInterval(() => void load(), EVERY_MS);
    return () => clearInterval(timer);
  }, [load, settings]);
  return { usage, failure, reload: () => void load() };
}

export function StorageSummary({ usage, settings }: { readonly usage: StorageUsage; readonly settings: Settings }) {
  const total = totalBytes(settings, usage);
  const facts: readonly (readonly [title: string, value: string, note: string])[] = [
    ['Now', formatGigabytes(usage.metricsBytes + usage.fleetBytes), samplesWords(usage)],
    [
      'Will come to',
      total === null ? '–' : `${usage.projectedBytes === null ? '≈ ' : ''}${formatGigabytes(total)}`,
      usage.projectedBytes === null ? 'estimated; measured after an hour' : 'at the present pace',
    ],
    [
      'Free on the disk',
      formatGigabytes(usage.freeBytes),
      `limit ${formatGigabytes(settings['retention.maxGigabytes'] * 1e9)}`,
    ],
  ];
  return (
    <dl className="storage-summary">
      {facts.map(([title, value, note]) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd className="figure">{value}</dd>
          <dd className="muted">{note}</dd>
        </div>
      ))}
    </dl>
  );
}

function samplesWords({ sampleCount, oldestSampleAtMs }: StorageUsage): string {
  const samples = `${formatCount(sampleCount)} samples`;
  return oldestSampleAtMs === null ? samples : `${samples} since ${dayWords(oldestSampleAtMs)}`;
}
