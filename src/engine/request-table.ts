/** Questions to the other side that wait for their answer, each with a deadline. */
import { fail, ok, type Result } from '../core/result.ts';
import type { Disposable } from '../core/time.ts';
import {
  type AgentRequestName,
  type AgentRequests,
  type Answer,
  LIMITS,
  type Request,
} from '../shared/protocol/contract.ts';
import type { Timers } from './ports.ts';

/** More than this many unanswered questions is no slow agent but a broken one. */
const MOST_OPEN = 64;

export interface RequestTable extends Disposable {
  ask<Name extends AgentRequestName>(method: Name, params: AgentRequests[Name]['params']): Promise<Result<null>>;
  /** An answer that nobody waits for, because it came late, changes nothing. */
  answer(answer: Answer): void;
  /** Every open question fails with `unavailable`, and every later one. */
  dispose(): void;
}

interface Open {
  readonly resolve: (result: Result<null>) => void;
  readonly deadline: Disposable;
}

export function createRequestTable(timers: Timers, send: (request: Request) => void): RequestTable {
  const open = new Map<number, Open>();
  let nextId = 1;
  let isDisposed = false;

  function settle(id: number, result: Result<null>): void {
    const waiting = open.get(id);
    if (waiting === undefined) return;
    open.delete(id);
    waiting.deadline.dispose();
    waiting.resolve(result);
  }

  return {
    ask(method, params) {
      if (isDisposed || open.size >= MOST_OPEN) return Promise.resolve(unreachable());
      const id = nextId;
      nextId += 1;
      return new Promise((resolve) => {
        const expire = () => settle(id, fail('timeout', 'The worker did not answer in time.'));
        open.set(id, { resolve, deadline: timers.after(LIMITS.requestMs, expire) });
        send({ kind: 'request', id, method, params });
      });
    },
    // No request of this version answers with a value.
    answer: (answer) => settle(answer.id, answer.ok ? ok(null) : { ok: false, error: answer.error }),
    dispose() {
      isDisposed = true;
      for (const id of [...open.keys()]) settle(id, unreachable());
    },
  };
}

function unreachable() {
  return fail('unavailable', 'The worker cannot be reached now.');
}
