/** Questions to the other side that wait for their answer, each with a deadline. */
import { fail, ok, type Result } from '../core/result.ts';
import { type Disposable, MINUTE_MS } from '../core/time.ts';
import { parseAnswerValue } from '../shared/protocol/answer-values.ts';
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
/** A piece of a file crosses a link of 10 kB/s within this time. */
const PIECE_MS = MINUTE_MS;

const DEADLINES_MS: { readonly [Name in AgentRequestName]?: number } = {
  'update-agent': PIECE_MS,
  'bring-file': PIECE_MS,
  'read-output': PIECE_MS,
  'read-file': PIECE_MS,
};

export interface RequestTable extends Disposable {
  /** `timeout` without an answer in time, `unavailable` without a link; else what the other side answers, checked. */
  ask<Name extends AgentRequestName>(
    method: Name,
    params: AgentRequests[Name]['params'],
  ): Promise<Result<AgentRequests[Name]['value']>>;
  /** An answer that nobody waits for, because it came late, changes nothing. */
  answer(answer: Answer): void;
  /** Every open question fails with `unavailable`, and every later one. */
  dispose(): void;
}

export function createRequestTable(timers: Timers, send: (request: Request) => void): RequestTable {
  const open = new Map<number, (result: Result<unknown>) => void>();
  let nextId = 1;
  let isDisposed = false;

  return {
    ask(method, params) {
      if (isDisposed || open.size >= MOST_OPEN) return Promise.resolve(unreachable());
      const id = nextId;
      nextId += 1;
      return new Promise((resolve) => {
        const expire = () => settle(fail('timeout', 'The worker did not answer in time.'));
        const deadline = timers.after(DEADLINES_MS[method] ?? LIMITS.requestMs, expire);
        const settle = (result: Result<unknown>) => {
          open.delete(id);
          deadline.dispose();
          resolve(result.ok ? parseAnswerValue(method, result.value) : result);
        };
        open.set(id, settle);
        send({ kind: 'request', id, method, params });
      });
    },
    answer: (answer) => open.get(answer.id)?.(answer.ok ? ok(answer.value) : { ok: false, error: answer.error }),
    dispose() {
      isDisposed = true;
      for (const settle of [...open.values()]) settle(unreachable());
    },
  };
}

function unreachable() {
  return fail('unavailable', 'The worker cannot be reached now.');
}
