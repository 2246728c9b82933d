/** Whether workers can come in now, and what stands in their way. */
import type { ListenerView } from '../../core/fleet/listener.ts';
import { openAddWorker } from '../add-worker/add-worker-state.ts';
import { useListener } from '../state/listener.ts';
import { CommandLine } from '../ui/command-line.tsx';
import { type Mark, StateMark } from '../ui/state-mark.tsx';
import { ErrorState, LoadingState } from '../ui/view-state.tsx';

const MARKS: Readonly<Record<ListenerView['state'], Mark>> = { resting: 'stale', listening: 'ok', failed: 'critical' };

export function ListenerStatus() {
  const { state, reload } = useListener();
  if (state.status === 'loading') return <LoadingState what="where workers come in" />;
  if (state.status === 'error') {
    return <ErrorState what="Where workers come in" failure={state.failure} onRetry={reload} />;
  }
  const { listener } = state;
  return (
    <div className="setting listener-status">
      <div className="setting-words">
        <p className="setting-title" role="status">
          <StateMark mark={MARKS[listener.state]} /> {titleOf(listener)}
        </p>
        <p className={listener.state === 'failed' ? 'setting-failure selectable' : 'muted'}>{noteOf(listener)}</p>
      </div>
      <div className="setting-control">
        <button type="button" className="button" aria-haspopup="dialog" onClick={openAddWorker}>
          Add a worker
        </button>
      </div>
      {listener.firewallHint === null || listener.isLoopbackOnly ? null : (
        <div className="setting-more">
          <p className="muted">A firewall is on here. This lets workers through, on this machine:</p>
          <CommandLine command={listener.firewallHint} label="Copy the command for the firewall" />
        </div>
      )}
    </div>
  );
}

function titleOf({ state, address, port }: ListenerView): string {
  switch (state) {
    case 'resting':
      return 'Nothing listens';
    case 'listening':
      return `Listening at ${address}:${port}`;
    case 'failed':
      return `Cannot listen at ${address}:${port}`;
  }
}

function noteOf({ state, reason, isLoopbackOnly }: ListenerView): string {
  if (state === 'failed') return reason ?? 'Choose another address or port.';
  if (state === 'resting') return 'It begins with the first code that is given out.';
  return isLoopbackOnly
    ? 'Only this machine itself can reach it.'
    : 'Encrypted; whoever is not paired and has no code is turned away.';
}
