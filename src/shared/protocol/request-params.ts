/** The parameters of each request, as an agent checks them. */
import { LEVELS, type Level } from '../../core/metrics/level.ts';
import type { AttemptOrder, OrderedFile } from '../../core/tasks/attempt.ts';
import { type Checks, isCount, isTruth, listOf, orNull, readFields, recordOf, text } from './checks.ts';
import { type AgentRequestName, type AgentRequests, LIMITS } from './contract.ts';
import { isJsonObject, type JsonObject } from './json-text.ts';
import { isAbsolutePath, isAttemptId, isPathBelow, isPiece, isSha256, isTaskId } from './task-checks.ts';

/** What people may write is bounded where they write it, and by the size of a message here. */
const isText = text(LIMITS.messageBytes);
const isWords = listOf(isText, 10_000);
const MOST_VARIABLES = 1_000;
const MOST_GLOBS = 100;
const MOST_GPUS = 64;
/** Of an environment variable. */
const LONGEST_NAME = 1_000;

const ORDERED_FILE: Checks<OrderedFile> = {
  to: isPathBelow,
  bytes: isCount,
  sha256: isSha256,
  isExecutable: isTruth,
};

const ORDER: Checks<AttemptOrder> = {
  attemptId: isAttemptId,
  taskId: isTaskId,
  name: text(LONGEST_NAME),
  command: isCommand,
  cwd: orNull(isAbsolutePath),
  env: isEnvironment,
  stdin: orNull(isText),
  files: listOf(recordOf(ORDERED_FILE), LIMITS.filesPerAttempt),
  fetch: listOf(isPathBelow, MOST_GLOBS),
  fileLimitBytes: isCount,
  gpuIndexes: listOf(isCount, MOST_GPUS),
  timeoutMs: orNull(isDuration),
  graceMs: isDuration,
  outputLimitBytes: isCount,
};

const PARAMS: { readonly [Name in AgentRequestName]: Checks<AgentRequests[Name]['params']> } = {
  'set-level': { level: isLevel },
  'refresh-inventory': {},
  'watch-processes': { isWatched: isTruth },
  'update-agent': { version: text(64), sha256: isSha256, offset: isCount, totalBytes: isCount, data: isPiece },
  'missing-files': { sha256: listOf(isSha256, LIMITS.filesPerAttempt) },
  'bring-file': { sha256: isSha256, offset: isCount, totalBytes: isCount, data: isPiece },
  'start-attempts': { orders: listOf(recordOf(ORDER), LIMITS.ordersPerRequest) },
  'cancel-attempt': { attemptId: isAttemptId },
  'forget-attempts': { attemptIds: listOf(isAttemptId, LIMITS.attemptsPerMessage) },
  'read-output': { attemptId: isAttemptId, offset: isCount },
  'read-file': { attemptId: isAttemptId, path: isPathBelow, offset: isCount },
};

export function isRequestName(method: unknown): method is AgentRequestName {
  return typeof method === 'string' && Object.hasOwn(PARAMS, method);
}

/** The checked parameters, or the name of what is wrong in them. */
export function readParams<Name extends AgentRequestName>(
  method: Name,
  params: JsonObject,
): AgentRequests[Name]['params'] | string {
  const read = readFields<AgentRequests[Name]['params']>(PARAMS[method], params);
  return read === 'orders' ? faultInOrders(params.orders) : read;
}

function faultInOrders(orders: unknown): string {
  if (!Array.isArray(orders) || orders.length > LIMITS.ordersPerRequest) return 'orders';
  const faults = orders.map((one) => (isJsonObject(one) ? readFields(ORDER, one) : 'orders'));
  return faults.find((fault) => typeof fault === 'string') ?? 'orders';
}

function isLevel(value: unknown): value is Level {
  return LEVELS.includes(value as Level);
}

/** A program with its arguments; nothing without a name can be started. */
function isCommand(value: unknown): value is readonly string[] {
  return isWords(value) && value.length > 0 && value[0] !== '';
}

/** Names as the system takes them: no `=`, not empty. */
function isEnvironment(value: unknown): value is Readonly<Record<string, string>> {
  if (!isJsonObject(value)) return false;
  const entries = Object.entries(value);
  return entries.length <= MOST_VARIABLES && entries.every(([name, text]) => isVariable(name) && isText(text));
}

function isVariable(name: string): boolean {
  return name !== '' && name.length <= LONGEST_NAME && !/[=\0]/.test(name);
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
