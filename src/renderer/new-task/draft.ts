/** One task as a form holds it, and the plan that it makes. Values go into the plan as they were typed: the plan's own rules judge them. Pure. */
import { fail, ok, type Result } from '../../core/result.ts';
import { joinWords, splitWords } from '../../core/tasks/shell-words.ts';
import type { TaskSpec } from '../../core/tasks/task.ts';
import { SECOND_MS } from '../../core/time.ts';

export interface TaskDraft {
  readonly name: string;
  /** A line of words, or with `isShell` anything a shell takes. */
  readonly command: string;
  readonly isShell: boolean;
  readonly cwd: string;
  readonly cores: string;
  readonly memory: string;
  readonly gpus: string;
  readonly gpuMemory: string;
  readonly gpuModel: string;
  /** Between commas. */
  readonly capabilities: string;
  /** `key=value` between commas. */
  readonly labels: string;
  readonly priority: string;
  readonly timeoutSeconds: string;
  readonly retries: string;
  /** `KEY=value`, one a line. */
  readonly environment: string;
  readonly stdin: string;
  /** Parts of a task that the form has no field for, as a plan writes them. */
  readonly more: Readonly<Record<string, unknown>>;
}

export type DraftField = Exclude<keyof TaskDraft, 'more' | 'isShell'>;

export const EMPTY_DRAFT: TaskDraft = {
  name: '',
  command: '',
  isShell: false,
  cwd: '',
  cores: '',
  memory: '',
  gpus: '',
  gpuMemory: '',
  gpuModel: '',
  capabilities: '',
  labels: '',
  priority: '',
  timeoutSeconds: '',
  retries: '',
  environment: '',
  stdin: '',
  more: {},
};

/** What each field is called in a plan, below its task: how a sentence about a plan finds the field it speaks of. */
const PLAN_KEYS: Readonly<Record<DraftField, string>> = {
  name: 'name',
  command: 'command',
  cwd: 'cwd',
  cores: 'needs.cores',
  memory: 'needs.memoryBytes',
  gpus: 'needs.gpus',
  gpuMemory: 'needs.gpuMemoryBytes',
  gpuModel: 'needs.gpuModel',
  capabilities: 'needs.capabilities',
  labels: 'needs.labels',
  priority: 'priority',
  timeoutSeconds: 'timeoutSeconds',
  retries: 'retries',
  environment: 'env',
  stdin: 'stdin',
};

/** What a plan that does not say gets. */
const DEFAULT_FILE_LIMIT_BYTES = 256 * 2 ** 20;

/** A sentence and the field it belongs to; null: to the whole. */
export interface DraftFailure {
  readonly field: DraftField | null;
  readonly message: string;
}

/** The plan as its file would read; a failure names the field that cannot be written as one. */
export function planOf(draft: TaskDraft): Result<string> & { readonly field?: DraftField } {
  const command = draft.isShell ? ok(draft.command) : splitWords(draft.command);
  if (!command.ok) return { ...command, field: 'command' };
  const env = environmentOf(draft.environment);
  if (!env.ok) return { ...env, field: 'environment' };
  const labels = labelsOf(draft.labels);
  if (!labels.ok) return { ...labels, field: 'labels' };
  const capabilities = listed(draft.capabilities);
  const needs = without({
    cores: numeric(draft.cores),
    memoryBytes: numeric(draft.memory),
    gpus: numeric(draft.gpus),
    gpuMemoryBytes: numeric(draft.gpuMemory),
    gpuModel: text(draft.gpuModel),
    capabilities: capabilities.length === 0 ? undefined : capabilities,
    labels: labels.value,
  });
  const name = draft.name.trim();
  const task = without({
    name,
    command: command.value,
    shell: draft.isShell ? true : undefined,
    cwd: text(draft.cwd),
    env: env.value,
    stdin: draft.stdin === '' ? undefined : draft.stdin,
    needs: Object.keys(needs).length === 0 ? undefined : needs,
    priority: numeric(draft.priority),
    timeoutSeconds: numeric(draft.timeoutSeconds),
    retries: numeric(draft.retries),
    ...draft.more,
  });
  return ok(JSON.stringify({ name, tasks: [task] }, null, 2));
}

/** The field of which a refusal speaks: the one whose place in the plan it names. */
export function failureOf(message: string): DraftFailure {
  const fields = (Object.entries(PLAN_KEYS) as [DraftField, string][])
    // A task that is written here gives its run its name.
    .filter(([, key]) => [`tasks[0].${key}`, key].some((place) => isPlace(message, place)));
  return { field: fields[0]?.[0] ?? null, message };
}

/** Whether the message begins with this place in the plan, or one below it. */
function isPlace(message: string, place: string): boolean {
  return message.startsWith(place) && /^[:.[]/.test(message.slice(place.length));
}

/** A form filled in as this task was asked for. What only its plan can say again (`after`, files from beside it) is left out. */
export function draftOf(spec: TaskSpec): TaskDraft {
  const { needs, timeoutMs } = spec;
  const amount = (value: number | null) => (value === null ? '' : String(value));
  return {
    name: spec.name,
    command: spec.isShell ? (spec.command[0] ?? '') : joinWords(spec.command),
    isShell: spec.isShell,
    cwd: spec.cwd ?? '',
    cores: amount(needs.cores),
    memory: bytesText(needs.memoryBytes),
    gpus: needs.gpus === 0 ? '' : amount(needs.gpus),
    gpuMemory: bytesText(needs.gpuMemoryBytes),
    gpuModel: needs.gpuModel ?? '',
    capabilities: needs.capabilities.join(', '),
    labels: Object.entries(needs.labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(', '),
    priority: amount(spec.priority),
    timeoutSeconds: timeoutMs === null ? '' : amount(timeoutMs / SECOND_MS),
    retries: spec.retries === 0 ? '' : amount(spec.retries),
    environment: Object.entries(spec.env)
      .map(([key, value]) => `${key}=${value}`)
      .join('\n'),
    stdin: spec.stdin ?? '',
    more: without({
      type: spec.type ?? undefined,
      fetch: spec.fetch.length === 0 ? undefined : spec.fetch,
      fileLimitBytes: spec.fileLimitBytes === DEFAULT_FILE_LIMIT_BYTES ? undefined : spec.fileLimitBytes,
      affinityKey: spec.affinityKey ?? undefined,
      group: spec.group ?? undefined,
      groupLimit: spec.groupLimit ?? undefined,
      preemptible: spec.isPreemptible ? true : undefined,
      rerunIfLost: spec.isRerunIfLost ? undefined : false,
    }),
  };
}

/** `2GiB` where it is whole, else the number. */
function bytesText(bytes: number | null): string {
  if (bytes === null) return '';
  for (const [size, unit] of [
    [2 ** 30, 'GiB'],
    [2 ** 20, 'MiB'],
  ] as const) {
    if (bytes > 0 && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return String(bytes);
}

/** A number as one, anything else as it stands: the plan says what is wrong with it. */
function numeric(typed: string): number | string | undefined {
  const trimmed = typed.trim();
  if (trimmed === '') return undefined;
  return /^-?\d+(?:\.\d+)?$/.test(trimmed) ? Number(trimmed) : trimmed;
}

function text(typed: string): string | undefined {
  return typed.trim() === '' ? undefined : typed.trim();
}

function listed(typed: string): readonly string[] {
  return typed
    .split(/[,\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

type Pairs = Readonly<Record<string, string>> | undefined;

function environmentOf(typed: string): Result<Pairs> {
  return pairsOf(
    typed.split(/\r?\n/).filter((line) => line.trim() !== ''),
    (line) => `“${line}” in the environment has no “=”. Write KEY=value, one a line.`,
  );
}

function labelsOf(typed: string): Result<Pairs> {
  return pairsOf(listed(typed), (part) => `“${part}” is no label. Write key=value, with commas between several.`);
}

/** Undefined where there are none. */
function pairsOf(parts: readonly string[], refusal: (part: string) => string): Result<Pairs> {
  const pairs: [string, string][] = [];
  for (const part of parts) {
    const place = part.indexOf('=');
    if (place < 1) return fail('invalid-argument', refusal(part));
    pairs.push([part.slice(0, place).trim(), part.slice(place + 1)]);
  }
  return ok(pairs.length === 0 ? undefined : Object.fromEntries(pairs));
}

function without(entries: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));
}
