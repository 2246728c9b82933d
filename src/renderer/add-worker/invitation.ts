/**
 * The code that was given out last, and who joined since.
 *
 * It outlives the dialog: closing and opening it again shows the same code while that is good, instead of leaving two
 * valid ones about.
 */
import { useCallback, useEffect, useState } from 'react';
import type { InvitationView, ListenerView } from '../../core/fleet/listener.ts';
import type { WorkerId } from '../../core/fleet/worker.ts';
import { type Failure, ok, type Result } from '../../core/result.ts';
import { MINUTE_MS } from '../../core/time.ts';
import { call } from '../api.ts';
import { fleet, orderOf, workersOf } from '../state/fleet.ts';
import { useStore } from '../state/store.ts';

export type InvitationState =
  | { readonly status: 'loading' }
  | { readonly status: 'error'; readonly failure: Failure }
  | { readonly status: 'ready'; readonly invitation: InvitationView };

interface Given {
  readonly invitation: InvitationView;
  /** Who was there before the code was asked for. */
  readonly known: ReadonlySet<WorkerId>;
}

/** Less is too short to walk to another machine. */
const WORTH_SHOWING_MS = MINUTE_MS;

let given: Given | null = null;

interface Use {
  readonly state: InvitationState;
  /** The first worker that was not there when the code was asked for, or null. */
  readonly joined: WorkerId | null;
  /** Asks for another code, whatever became of this one. */
  readonly renew: () => void;
}

export function useInvitation(listener: ListenerView): Use {
  const [current, setCurrent] = useState(() => (isGoodAt(given, listener, Date.now()) ? given : null));
  const [failure, setFailure] = useState<Failure | null>(null);
  const [asked, setAsked] = useState(0);
  const isMissing = current === null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `asked` says when to ask again
  useEffect(() => {
    if (!isMissing) return;
    let isCurrent = true;
    void ask().then((answer) => {
      if (!isCurrent) return;
      if (answer.ok) setCurrent(answer.value);
      else setFailure(answer.error);
    });
    return () => {
      isCurrent = false;
    };
  }, [isMissing, asked]);
  const joined = useStore(fleet, () => (current === null ? null : newcomerTo(current)));
  const renew = useCallback(() => {
    setCurrent(null);
    setFailure(null);
    setAsked((count) => count + 1);
  }, []);
  const state: InvitationState =
    current !== null
      ? { status: 'ready', invitation: current.invitation }
      : failure !== null
        ? { status: 'error', failure }
        : { status: 'loading' };
  return { state, joined, renew };
}

async function ask(): Promise<Result<Given>> {
  const known = new Set(workersOf(fleet.get()).keys());
  const answer = await call('workers:invite');
  if (!answer.ok) return answer;
  given = { invitation: answer.value, known };
  return ok(given);
}

/** A code names the address it was made for; it is good while that holds, nobody used it, and there is time left. */
function isGoodAt(last: Given | null, listener: ListenerView, nowMs: number): boolean {
  if (last === null) return false;
  const { expiresAtMs, listener: madeFor } = last.invitation;
  return (
    expiresAtMs - nowMs > WORTH_SHOWING_MS &&
    listener.state === 'listening' &&
    madeFor.address === listener.address &&
    madeFor.port === listener.port &&
    newcomerTo(last) === null
  );
}

function newcomerTo({ known }: Given): WorkerId | null {
  return orderOf(fleet.get()).find((id) => !known.has(id)) ?? null;
}
