/**
 * Expected failures as values.
 *
 * Adapters translate foreign errors into a Result at their edge; a bug still throws. The same shape crosses IPC and the
 * control socket, so one place (`core/failure-words`) can turn any code into a sentence.
 */
export type Result<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: Failure };

/** What went wrong, for a program (`code`) and for a person (`message`, one sentence that says what to do next). */
export interface Failure {
  readonly code: FailureCode;
  readonly message: string;
}

export type FailureCode =
  | 'invalid-argument'
  | 'not-found'
  | 'not-permitted'
  | 'read-only'
  | 'disk-full'
  | 'storage'
  | 'unavailable'
  | 'timeout'
  | 'internal';

export function ok<Value>(value: Value): Result<Value> {
  return { ok: true, value };
}

export function fail(code: FailureCode, message: string): { readonly ok: false; readonly error: Failure } {
  return { ok: false, error: { code, message } };
}
