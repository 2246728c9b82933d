/** Where the figures come from, and why some are missing: state, reason, and the command that mends it. */
import type { WorkerId } from '../../core/fleet/worker.ts';
import type { CollectorState, CollectorStatus } from '../../core/metrics/collector.ts';
import { fleet, workerOf } from '../state/fleet.ts';
import { useStore } from '../state/store.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { type Mark, StateMark } from '../ui/state-mark.tsx';
import { momentWithZone, momentWords } from '../ui/time-words.ts';

const MARKS: Readonly<Record<CollectorState, Mark>> = {
  failing: 'critical',
  'no permission': 'warning',
  unsupported: 'stale',
  ok: 'ok',
};
const ORDER = Object.keys(MARKS) as readonly CollectorState[];

export function CollectorsSection({ workerId }: { readonly workerId: WorkerId }) {
  // Compared as text: the list is a new object with every patch, and almost always says the same.
  const text = useStore(fleet, (state) => JSON.stringify(workerOf(state, workerId)?.collectors ?? []));
  const collectors = JSON.parse(text) as readonly CollectorStatus[];
  const ok = collectors.filter(({ state }) => state === 'ok');
  const unsupported = collectors.filter(({ state }) => state === 'unsupported');
  const rest = collectors
    .filter(({ state }) => state !== 'ok' && state !== 'unsupported')
    .sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.collector.localeCompare(b.collector));
  return (
    <section className="collectors" aria-label="Collectors">
      <header className="section-head">
        <h2>Collectors</h2>
        <span className="muted">
          {ok.length} of {collectors.length} ok
        </span>
      </header>
      <ul>
        {rest.map((status) => (
          <CollectorRow key={status.collector} status={status} />
        ))}
        {ok.length === 0 ? null : (
          <li className="collector">
            <p className="collector-head">
              <StateMark mark="ok" size={9} />
              <span className="muted">
                ok: {ok.map(({ collector, skippedTicks }) => collector + skippedWords(skippedTicks)).join(', ')}
              </span>
            </p>
          </li>
        )}
        {unsupported.length === 0 ? null : (
          <li className="collector">
            <Unsupported collectors={unsupported} />
          </li>
        )}
      </ul>
    </section>
  );
}

/** What this machine does not have is no fault: one line, with the reasons for who asks. */
function Unsupported({ collectors }: { readonly collectors: readonly CollectorStatus[] }) {
  return (
    <details className="unsupported">
      <summary>
        <StateMark mark="stale" size={9} />
        <span>not on this machine: {collectors.map(({ collector }) => collector).join(', ')}</span>
      </summary>
      <dl className="selectable">
        {collectors.map(({ collector, reason }) => (
          <div key={collector}>
            <dt>{collector}</dt>
            <dd>{reason}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function CollectorRow({ status }: { readonly status: CollectorStatus }) {
  const { collector, state, reason, remedy, sinceMs, skippedTicks } = status;
  return (
    <li className="collector">
      <p className="collector-head">
        <StateMark mark={MARKS[state]} size={9} />
        <strong>{collector}</strong>
        <span className={`words-${MARKS[state]}`}>{state}</span>
        <span className="muted" title={momentWithZone(sinceMs)}>
          since {momentWords(sinceMs, Date.now())}
          {skippedWords(skippedTicks)}
        </span>
      </p>
      {reason === null ? null : <p className="collector-reason selectable">{reason}</p>}
      {remedy === null ? null : (
        <p className="remedy">
          <code className="selectable">{remedy}</code>
          <CopyButton text={remedy} label={`Copy the command for ${collector}`} />
        </p>
      )}
    </li>
  );
}

function skippedWords(skippedTicks: number): string {
  return skippedTicks === 0 ? '' : ` (${skippedTicks} ${skippedTicks === 1 ? 'tick' : 'ticks'} skipped)`;
}
