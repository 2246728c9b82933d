/** The second step: the command, how long its code is good, and who joined by it. */
import { ChevronRight, CircleDashed } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { InvitationView, ListenerView } from '../../core/fleet/listener.ts';
import type { WorkerId } from '../../core/fleet/worker.ts';
import { useWorkerPart } from '../state/fleet.ts';
import { CommandLine } from '../ui/command-line.tsx';
import { StateMark } from '../ui/state-mark.tsx';
import { DialLink } from './dial-step.tsx';
import { useInvitation } from './invitation.ts';
import { remainingWords, useRemainingMs } from './remaining.ts';

/** Whoever pastes the command decides what may run there: it says so itself. */
const RUN_TASKS = ' --run-tasks';

interface Props {
  readonly listener: ListenerView;
  readonly onChangeReach: () => void;
  readonly onDial: () => void;
  readonly onOpen: (workerId: WorkerId) => void;
}

export function CommandStep({ listener, onChangeReach, onDial, onOpen }: Props) {
  const { state, joined, renew } = useInvitation(listener);
  if (state.status === 'loading') {
    return (
      <p className="dialog-body dialog-note" role="status">
        Making a code …
      </p>
    );
  }
  const reason = state.status === 'error' ? state.failure.message : failedReason(state.invitation.listener, listener);
  if (state.status === 'error' || reason !== null) {
    return <Failed reason={reason ?? ''} onRetry={renew} onChangeReach={onChangeReach} />;
  }
  return (
    <Invited
      key={state.invitation.invitationId}
      invitation={state.invitation}
      joined={joined}
      onRenew={renew}
      onChangeReach={onChangeReach}
      onDial={onDial}
      onOpen={onOpen}
    />
  );
}

/** Why nobody can come in, if that is so; the newest word counts. */
function failedReason(atInvitation: ListenerView, now: ListenerView): string | null {
  const failed =
    now.state === 'failed' ? now : now.state === 'resting' && atInvitation.state === 'failed' ? atInvitation : null;
  return failed === null ? null : (failed.reason ?? 'Nothing listens for workers now. Choose another address or port.');
}

interface FailedProps {
  readonly reason: string;
  readonly onRetry: () => void;
  readonly onChangeReach: () => void;
}

function Failed({ reason, onRetry, onChangeReach }: FailedProps) {
  const retry = useRef<HTMLButtonElement>(null);
  useEffect(() => retry.current?.focus(), []);
  return (
    <div className="dialog-body">
      <div role="alert">
        <h3>No machine can join now</h3>
        <p className="dialog-failure selectable">{reason}</p>
      </div>
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onChangeReach}>
          Choose another address
        </button>
        <button ref={retry} type="button" className="button primary" onClick={onRetry}>
          Try again
        </button>
      </div>
    </div>
  );
}

interface InvitedProps {
  readonly invitation: InvitationView;
  readonly joined: WorkerId | null;
  readonly onRenew: () => void;
  readonly onChangeReach: () => void;
  readonly onDial: () => void;
  readonly onOpen: (workerId: WorkerId) => void;
}

function Invited({ invitation, joined, onRenew, onChangeReach, onDial, onOpen }: InvitedProps) {
  const { command, shortCommand, listener, expiresAtMs } = invitation;
  const [mayRunTasks, setMayRunTasks] = useState(false);
  const allowance = mayRunTasks ? RUN_TASKS : '';
  const remainingMs = useRemainingMs(expiresAtMs);
  const progress = joined !== null ? 'joined' : remainingMs === 0 ? 'expired' : 'waiting';
  const body = useRef<HTMLDivElement>(null);
  // What had the focus goes with the command: the way on takes it, at first the copy button.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each stage has its own
  useEffect(() => body.current?.querySelector<HTMLElement>('.copy-button, .primary')?.focus(), [progress]);

  return (
    <div ref={body} className="dialog-body" data-progress={progress}>
      {progress === 'waiting' ? (
        <>
          <p>Paste this into a terminal of the other machine. It needs Node 20 or newer and curl, nothing else.</p>
          <CommandLine command={`${command}${allowance}`} label="Copy the command" isMain />
          <label className="check-field">
            <input type="checkbox" checked={mayRunTasks} onChange={(event) => setMayRunTasks(event.target.checked)} />
            <span>
              May run tasks <span className="muted">as the user who pastes it; otherwise it is only watched</span>
            </span>
          </label>
          <p className="dialog-line">
            <span>
              Good for one machine, <span role="timer">{remainingWords(remainingMs)}</span> left
            </span>
            <span className="dialog-line-end">
              Joins at <span className="mono">{`${listener.address}:${listener.port}`}</span>
              <button type="button" className="link" onClick={onChangeReach}>
                Change
              </button>
            </span>
          </p>
          {listener.isLoopbackOnly ? (
            <p className="dialog-hint">
              <StateMark mark="warning" />
              <span>Only this machine itself can use it. Change the address to bring in another one.</span>
            </p>
          ) : null}
          <details className="dialog-fold">
            <summary>
              <ChevronRight size={14} aria-hidden="true" /> Labwatch is installed there?
            </summary>
            <p>Then this is enough:</p>
            <CommandLine command={`${shortCommand}${allowance}`} label="Copy the short command" />
          </details>
          <DialLink onDial={onDial} />
          {listener.firewallHint === null ? null : (
            <div className="dialog-firewall">
              <p>A firewall is on here. If the other machine gets no answer, let it through, on this machine:</p>
              <CommandLine command={listener.firewallHint} label="Copy the command for the firewall" />
            </div>
          )}
        </>
      ) : null}
      <div className="join-line">
        <p role="status">
          {joined !== null ? (
            <Joined workerId={joined} />
          ) : progress === 'expired' ? (
            <>
              <StateMark mark="stale" />
              <span>This code has expired; nobody used it.</span>
            </>
          ) : (
            <>
              <CircleDashed className="waiting-mark" size={12} aria-hidden="true" />
              <span>Waiting for it to join …</span>
            </>
          )}
        </p>
        {progress === 'waiting' ? null : (
          <button type="button" className={progress === 'expired' ? 'button primary' : 'button'} onClick={onRenew}>
            {progress === 'expired' ? 'New code' : 'Add another'}
          </button>
        )}
        {joined === null ? null : <OpenButton workerId={joined} onOpen={onOpen} />}
      </div>
    </div>
  );
}

function Joined({ workerId }: { readonly workerId: WorkerId }) {
  const name = useWorkerPart(workerId, (worker) => worker.name) ?? '';
  return (
    <>
      <StateMark mark="ok" />
      <span>
        <strong>{name}</strong> joined
      </span>
    </>
  );
}

interface OpenProps {
  readonly workerId: WorkerId;
  readonly onOpen: (workerId: WorkerId) => void;
}

function OpenButton({ workerId, onOpen }: OpenProps) {
  const name = useWorkerPart(workerId, (worker) => worker.name) ?? '';
  return (
    <button type="button" className="button primary" onClick={() => onOpen(workerId)}>
      <span className="button-name">Open {name}</span>
    </button>
  );
}
