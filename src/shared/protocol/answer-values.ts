/** What an agent answers to each request, as a coordinator checks it. */
import { fail, ok, type Result } from '../../core/result.ts';
import { type Checks, isCount, listOf, readFields } from './checks.ts';
import { type AgentRequestName, type AgentRequests, LIMITS, type WirePiece } from './contract.ts';
import { isJsonObject } from './json-text.ts';
import { isPiece, isSha256 } from './task-checks.ts';

type Value<Name extends AgentRequestName> = AgentRequests[Name]['value'];

const PIECE: Checks<WirePiece> = { fromOffset: isCount, data: isPiece, totalBytes: isCount };

/** Null for a request that is only done. */
const VALUES: {
  readonly [Name in AgentRequestName]: Value<Name> extends null ? null : Checks<NonNullable<Value<Name>>>;
} = {
  'set-level': null,
  'refresh-inventory': null,
  'watch-processes': null,
  'update-agent': null,
  'missing-files': { missing: listOf(isSha256, LIMITS.filesPerAttempt) },
  'bring-file': null,
  'start-attempts': null,
  'cancel-attempt': null,
  'forget-attempts': null,
  'read-output': PIECE,
  'read-file': PIECE,
};

/** `invalid-argument` for a value that no answer to this request can have. */
export function parseAnswerValue<Name extends AgentRequestName>(method: Name, value: unknown): Result<Value<Name>> {
  const checks = VALUES[method] as Checks<object> | null;
  if (checks === null) return ok(null as Value<Name>);
  const read = isJsonObject(value) ? readFields(checks, value) : '';
  if (typeof read !== 'string') return ok(read as Value<Name>);
  return fail('invalid-argument', `The worker’s answer to ${method} is malformed${read === '' ? '' : ` at ${read}`}.`);
}
