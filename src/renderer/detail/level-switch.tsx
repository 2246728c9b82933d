/** How much of this worker is sampled, switchable while it runs. */
import { useState } from 'react';
import type { WorkerId } from '../../core/fleet/worker.ts';
import { LEVELS, type Level } from '../../core/metrics/level.ts';
import { call } from '../api.ts';
import { useWorkerPart } from '../state/fleet.ts';
import { capital } from '../ui/capital.ts';
import { Segmented } from '../ui/segmented.tsx';
import { LEVEL_WORDS } from './level-words.ts';

const OPTIONS = LEVELS.map((level) => ({ value: level, title: capital(level), hint: LEVEL_WORDS[level] }));

export function LevelSwitch({ workerId }: { readonly workerId: WorkerId }) {
  const level = useWorkerPart(workerId, (worker) => worker.level) ?? 'standard';
  const [failure, setFailure] = useState<string | null>(null);
  const change = async (next: Level) => {
    const answer = await call('worker:set-level', workerId, next);
    setFailure(answer.ok ? null : answer.error.message);
  };
  return (
    <div className="level-switch">
      <Segmented label="Level" options={OPTIONS} value={level} onChange={(next) => void change(next)} />
      <p className="detail-note" role="status">
        {failure ?? LEVEL_WORDS[level]}
      </p>
    </div>
  );
}
