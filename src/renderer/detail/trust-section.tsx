/** The trust in another machine: its key, since when, from where, what it may do, and how far its data can be relied on. */
import type { RemoteView, WorkerId } from '../../core/fleet/worker.ts';
import { fleet, useWorkerPart, workerOf } from '../state/fleet.ts';
import { useStore } from '../state/store.ts';
import { StateMark } from '../ui/state-mark.tsx';
import { momentWithZone, momentWords } from '../ui/time-words.ts';
import { AgentUpdate } from './agent-update.tsx';
import { backfillWords, clockWords, lostWords } from './trust-words.ts';
import { askToRemove } from './worker-actions.ts';

export function TrustSection({ workerId }: { readonly workerId: WorkerId }) {
  // Compared as text: a new object comes with every patch, and almost always says the same.
  const text = useStore(fleet, (state) => JSON.stringify(workerOf(state, workerId)?.remote ?? null));
  const isConnected = useWorkerPart(workerId, ({ link }) => link === 'online' || link === 'stale') ?? false;
  const remote = JSON.parse(text) as RemoteView | null;
  if (remote === null) return null;
  const clock = clockWords(remote.clockDifferenceMs);
  const backfill = backfillWords(remote.spooledBytes, isConnected);
  const lost = lostWords(remote.lostTicks);
  return (
    <section className="trust" aria-label="Trust">
      <header className="section-head">
        <h2>Trust</h2>
        <button type="button" className="button small" aria-haspopup="dialog" onClick={() => askToRemove(workerId)}>
          Remove …
        </button>
      </header>
      <dl className="facts selectable">
        <Fact title="Key" hint="SHA-256 of its public key. “labwatch worker status” shows the same there.">
          <Fingerprint hex={remote.keyFingerprint} />
        </Fact>
        <Fact title="Paired" hint={momentWithZone(remote.pairedAtMs)}>
          {momentWords(remote.pairedAtMs, Date.now())}
        </Fact>
        <Fact title="Address">{remote.address ?? 'not heard from yet'}</Fact>
        {remote.dialledAt === null ? null : <Fact title="Waits at">{remote.dialledAt}, connected to from here</Fact>}
        <Fact title="Agent">
          <AgentUpdate workerId={workerId} remote={remote} isConnected={isConnected} />
        </Fact>
        <Fact title="Tasks">{remote.runsTasks ? 'runs tasks' : 'only watched: its owner allows no tasks'}</Fact>
        {clock === null ? null : (
          <Fact title="Clock" hint="Its clock beside this machine’s. Samples are stored by this machine’s.">
            {clock.isWarning ? <Warning>{clock.text}</Warning> : clock.text}
          </Fact>
        )}
        {backfill === null ? null : (
          <Fact title="Backfill">
            <span role="status">{backfill}</span>
          </Fact>
        )}
        {lost === null ? null : (
          <Fact title="Lost">
            <Warning>{lost}</Warning>
          </Fact>
        )}
      </dl>
    </section>
  );
}

interface FactProps {
  readonly title: string;
  readonly hint?: string;
  readonly children: React.ReactNode;
}

function Fact({ title, hint, children }: FactProps) {
  return (
    <div title={hint}>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** In groups that stay whole, so that two people can read it to each other. */
function Fingerprint({ hex }: { readonly hex: string }) {
  const groups = hex.split(/\s+/).filter(Boolean);
  return (
    <code className="fingerprint">
      {groups.map((group, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: groups may be equal, and never move
        <span key={index}>{group} </span>
      ))}
    </code>
  );
}

function Warning({ children }: { readonly children: string }) {
  return (
    <span className="words-warning">
      <StateMark mark="warning" size={9} /> {children}
    </span>
  );
}
