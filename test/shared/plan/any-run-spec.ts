/** Any run that a plan can ask for, and the plan that asks for it. */
import fc from 'fast-check';
import type { RunSpec, TaskSpec } from '../../../src/core/tasks/task.ts';

const GIB = 2 ** 30;

function orNull<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> {
  return fc.option(value, { nil: null });
}

const line = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .filter((text) => /\S/u.test(text) && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text));
const anyText = fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => !text.includes('\0'));
const path = fc
  .array(fc.constantFrom('a', 'out', '.hidden', 'ä ö', '...'), { minLength: 1, maxLength: 3 })
  .map((names) => names.join('/'));
const labelWord = fc.stringMatching(/^[a-z0-9]{1,8}$/);
const bytes = fc.integer({ min: 1, max: 64 * GIB });
const variables = fc.dictionary(fc.stringMatching(/^[A-Z_]{1,8}$/), anyText, { maxKeys: 3, noNullPrototype: true });

const needs = fc.record({
  cores: fc.double({ min: 0.1, max: 256, noNaN: true }),
  memoryBytes: orNull(bytes),
  gpus: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.constantFrom(0.25, 0.5)),
  gpuMemoryBytes: orNull(bytes),
  gpuModel: orNull(line),
  capabilities: fc.array(fc.constantFrom('gpu.compute>=8.6', 'avx512', 'cuda.toolkit < 12'), { maxLength: 2 }),
  labels: fc
    .dictionary(labelWord, labelWord, { maxKeys: 3, noNullPrototype: true })
    .map((labels) => Object.fromEntries(Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1)))),
});

const task = fc
  .record({
    command: fc
      .tuple(fc.constantFrom('/bin/true', 'python'), fc.array(anyText, { maxLength: 3 }))
      .map(([program, words]) => [program, ...words]),
    isShell: fc.boolean(),
    cwd: orNull(fc.constantFrom('/srv/app', 'C:\\lab')),
    env: variables,
    stdin: orNull(anyText),
    bring: fc.uniqueArray(fc.record({ from: line, to: path }), { maxLength: 2, selector: ({ to }) => to }),
    fetch: fc.array(path, { maxLength: 2 }),
    fileLimitBytes: bytes,
    needs,
    type: orNull(line),
    priority: fc.integer({ min: 0, max: 100 }),
    timeoutMs: orNull(fc.integer({ min: 100, max: 30 * 24 * 3_600_000 })),
    retries: fc.integer({ min: 0, max: 100 }),
    affinityKey: orNull(line),
    isPreemptible: fc.boolean(),
    isRerunIfLost: fc.boolean(),
    groups: fc.oneof(
      fc.constant({ group: null, groupLimit: null }),
      fc.record({ group: line, groupLimit: orNull(fc.integer({ min: 1, max: 10_000 })) }),
    ),
  })
  .map(({ groups, command, isShell, ...others }) => ({
    ...others,
    ...groups,
    isShell,
    command: isShell ? command.slice(0, 1) : command,
  }));

/** Each task may come after those before it. */
export const anyRunSpec: fc.Arbitrary<RunSpec> = fc
  .record({
    name: line,
    maxParallel: orNull(fc.integer({ min: 1, max: 10_000 })),
    onFailure: fc.constantFrom('continue' as const, 'stop' as const),
    names: fc.uniqueArray(line, { minLength: 1, maxLength: 4 }),
    tasks: fc.array(fc.tuple(task, fc.array(fc.boolean(), { minLength: 4, maxLength: 4 })), {
      minLength: 4,
      maxLength: 4,
    }),
  })
  .map(({ names, tasks, ...run }) => ({
    ...run,
    tasks: names.map((name, place): TaskSpec => {
      const [fields, isAfter] = tasks[place] ?? [];
      if (fields === undefined) throw new Error('There are as many tasks as names.');
      return { ...fields, name, after: names.slice(0, place).filter((_, before) => isAfter?.[before]) };
    }),
  }));

/** The plan file of a run, every field written out that has a value. */
export function planOf({ name, maxParallel, onFailure, tasks }: RunSpec): object {
  return withoutNulls({ name, maxParallel, onFailure, tasks: tasks.map(plannedTask) });
}

function plannedTask({ isShell, command, timeoutMs, isPreemptible, isRerunIfLost, needs: asked, ...others }: TaskSpec) {
  return withoutNulls({
    ...others,
    command: isShell ? command[0] : command,
    shell: isShell,
    needs: withoutNulls(asked),
    timeoutSeconds: timeoutMs === null ? null : timeoutMs / 1_000,
    preemptible: isPreemptible,
    rerunIfLost: isRerunIfLost,
  });
}

function withoutNulls(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}
