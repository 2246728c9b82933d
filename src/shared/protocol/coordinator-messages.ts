/**
 * What arrives at an agent, checked by hand: a library of schemas would be a fifth of all the memory that the agent
 * takes beyond Node's own.
 */
import { workerId } from '../../core/fleet/worker.ts';
import { LEVELS, type Level } from '../../core/metrics/level.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { isCount, isId, listOf, recordOf } from './checks.ts';
import {
  type AgentRequestName,
  type AttemptsTaken,
  type Challenge,
  type FromCoordinator,
  LIMITS,
  type ProtocolVersion,
  type RefusalCode,
  type Request,
  type Welcome,
} from './contract.ts';
import { isJsonObject, type JsonObject, parseJsonObject } from './json-text.ts';
import { isRequestName, readParams } from './request-params.ts';
import { isAttemptId } from './task-checks.ts';

/** A request that is known and cannot be obeyed as it stands: it is answered with that, and harms nothing else. */
export interface MisreadRequest {
  readonly kind: 'misread';
  readonly id: number;
  readonly method: AgentRequestName;
  /** The name of what is wrong in it. */
  readonly fault: string;
}

export type Understood = FromCoordinator | MisreadRequest;

/** Each answers null for a message that is malformed. */
const READERS: {
  readonly [Kind in FromCoordinator['kind']]: (
    json: JsonObject,
  ) => Extract<FromCoordinator, { kind: Kind }> | MisreadRequest | null;
} = {
  challenge: readChallenge,
  welcome: readWelcome,
  refusal: ({ code, message, isFinal }) =>
    typeof message === 'string' && typeof isFinal === 'boolean'
      ? { kind: 'refusal', code: isRefusalCode(code) ? code : 'unavailable', message: cut(message, 500), isFinal }
      : null,
  taken: ({ sequence }) => (isId(sequence) ? { kind: 'taken', sequence } : null),
  ping: ({ id }) => (isId(id) ? { kind: 'ping', id } : null),
  pong: ({ id, atMs }) => (isId(id) && Number.isFinite(atMs) ? { kind: 'pong', id, atMs: atMs as number } : null),
  request: readRequest,
  'attempts-taken': ({ taken }) => (isTaken(taken) ? { kind: 'attempts-taken', taken } : null),
};

const isTaken = listOf<AttemptsTaken['taken'][number]>(
  recordOf({ attemptId: isAttemptId, version: isCount }),
  LIMITS.attemptsPerMessage,
);

const REFUSAL_CODES: readonly RefusalCode[] = [
  'incompatible',
  'unknown-code',
  'expired-code',
  'used-code',
  'unknown-worker',
  'removed',
  'bad-proof',
  'unavailable',
];

/** Null for a kind of message, or a request, that a newer coordinator knows and this version may ignore. */
export function parseFromCoordinator(text: string): Result<Understood | null> {
  const json = parseJsonObject(text);
  if (json === null) return fail('invalid-argument', 'A message is not a JSON object, or is nested too deeply.');
  const { kind, method } = json;
  if (typeof kind !== 'string') return fail('invalid-argument', 'A message does not say of what kind it is.');
  if (!Object.hasOwn(READERS, kind)) return ok(null);
  if (kind === 'request' && typeof method === 'string' && !isRequestName(method)) return ok(null);
  const message = READERS[kind as FromCoordinator['kind']](json);
  return message === null ? fail('invalid-argument', `A message of the kind ${kind} is malformed.`) : ok(message);
}

/** All but the version may be of another form in a protocol of another major: the agent then says which is too old. */
function readChallenge({ protocol, coordinatorVersion, ...rest }: JsonObject): Challenge | null {
  if (!isJsonObject(protocol) || !isVersion(protocol)) return null;
  const { codeProof } = rest;
  return {
    kind: 'challenge',
    protocol: { major: protocol.major, minor: protocol.minor },
    coordinatorVersion: typeof coordinatorVersion === 'string' ? cut(coordinatorVersion, 64) : '?',
    nonce: bytesOf(rest.nonce),
    publicKey: bytesOf(rest.publicKey),
    signature: bytesOf(rest.signature),
    codeProof: typeof codeProof === 'string' ? bytesOf(codeProof) : null,
  };
}

function readWelcome({ workerId: id, name, level, addresses, port }: JsonObject): Welcome | null {
  if (typeof id !== 'string' || id === '' || id.length > 64 || typeof name !== 'string' || !isLevel(level)) return null;
  if (!Array.isArray(addresses) || addresses.length > 64 || !addresses.every(isAddress)) return null;
  if (!isId(port) || port > 65_535) return null;
  return { kind: 'welcome', workerId: workerId(id), name: cut(name, 256), level, addresses, port };
}

function readRequest({ id, method, params }: JsonObject): Request | MisreadRequest | null {
  if (!isId(id) || !isRequestName(method)) return null;
  const read = isJsonObject(params) ? readParams(method, params) : 'params';
  if (typeof read === 'string') return { kind: 'misread', id, method, fault: read };
  return { kind: 'request', id, method, params: read };
}

function isVersion(value: JsonObject): value is JsonObject & ProtocolVersion {
  return [value.major, value.minor].every((part) => Number.isSafeInteger(part) && (part as number) >= 0);
}

function isLevel(value: unknown): value is Level {
  return LEVELS.includes(value as Level);
}

function isRefusalCode(value: unknown): value is RefusalCode {
  return REFUSAL_CODES.includes(value as RefusalCode);
}

function isAddress(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 255;
}

/** Bytes in base64url, for whoever uses them to decode; what is none is empty and proves nothing. */
function bytesOf(value: unknown): string {
  return typeof value === 'string' && value.length <= 512 ? value : '';
}

function cut(text: string, most: number): string {
  return text.slice(0, most).toWellFormed();
}
