/**
 * What a plan file may say: its fields, their forms, their defaults. The published JSON Schema is made from this; what no
 * schema can say stands in `plan-rules.ts`.
 *
 * Every message completes the sentence “… expected”. Patterns mean the same with and without the `u` flag, because editors
 * differ in that.
 */
import { z } from 'zod';
import { parseByteSize } from '../../core/byte-size.ts';
import { LABEL_KEY, MOST_LABELS } from '../../core/fleet/labels.ts';
import { parseRequirement } from '../../core/fleet/requirement.ts';
import { LIMITS } from '../protocol/contract.ts';
import { LONGEST_PATH } from '../protocol/task-checks.ts';

const MOST_TASKS = 10_000;
/** Of a whole plan, in UTF-16 units. */
export const MOST_PLAN_CHARACTERS = 16_000_000;
/** Of argv, and of the environment, as UTF-8 with a byte after each: what Linux takes in one argument. */
export const MOST_COMMAND_BYTES = 128 * 1024;
export const MOST_STDIN_BYTES = 256 * 1024;
export const MOST_VARIABLES = 256;
const MOST_WORDS = 10_000;
const MOST_GLOBS = 100;
const MOST_CAPABILITIES = 64;
const MOST_BYTES = 2 ** 50;
const MOST_TIMEOUT_SECONDS = 30 * 24 * 3_600;
const DEFAULT_FILE_LIMIT = '256MiB';

/** As in a worker's name: nothing that moves the cursor, breaks the line or reorders text; and not blank. */
const ONE_LINE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it keeps out
  /^(?=.*\S)[^\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: no program and no file can be given NUL
const WITHOUT_NUL = /^[^\u0000]*$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: names as every system takes them
const VARIABLE = /^[^=\u0000-\u001f\u007f]+$/;
/** As `core/byte-size` reads it. */
const SIZE = /^\d{1,15}(?:\.\d{1,15})?\s*(?:[KkMmGgTt][Ii]?)?[Bb]$/;
/** As `protocol/task-checks` has it: no name is empty, `.` or `..`. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: no file can be given NUL
const PATH_BELOW = /^(?![\s\S]*(?:^|\/)\.{0,2}(?:\/|$))[^\\\u0000]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: no file can be given NUL
const ABSOLUTE_PATH = /^(?:\/|[A-Za-z]:[\\/])[^\u0000]*$/;

/** Half characters cannot be stored or sent. */
function text(expected: string, pattern: RegExp, most: number) {
  const isWhole = (given: string) => given.isWellFormed();
  return z.string(expected).regex(pattern, expected).max(most, `at most ${most} characters`).refine(isWhole, expected);
}

function oneLine(what: string, most = 200) {
  return text(`${what}: one line without control characters`, ONE_LINE, most);
}

function wholeNumber(least: number, most: number) {
  const expected = `a whole number from ${least} to ${most}`;
  return z.int(expected).min(least, expected).max(most, expected);
}

function size() {
  const expected = 'bytes as a number or a size such as 512MiB';
  const isInRange = (given: string) => {
    const bytes = parseByteSize(given);
    return bytes !== null && bytes >= 1 && bytes <= MOST_BYTES;
  };
  const words = z.string(expected).regex(SIZE, expected).refine(isInRange, expected);
  return z.union([z.int(expected).min(1, expected).max(MOST_BYTES, expected), words], expected);
}

const word = text('a text without NUL characters', WITHOUT_NUL, MOST_COMMAND_BYTES);
const commandWords = `the program and its arguments, such as ["pytest", "-q"]`;
const argv = z.array(word, commandWords).min(1, commandWords).max(MOST_WORDS, `at most ${MOST_WORDS} texts`);

const pathBelow = text(
  'a path below the scratch folder, with / between names and without “.” and “..”',
  PATH_BELOW,
  LONGEST_PATH,
);

const brought = z
  .strictObject(
    {
      from: text('the path of a file beside the plan', ONE_LINE, LONGEST_PATH).describe(
        'The file, beside the plan or below its folder.',
      ),
      to: pathBelow.describe('Where it goes, below the scratch folder.'),
    },
    'an object with from and to',
  )
  .describe('One file that the task brings.');

const gpuCount = `a whole number of GPUs, or a fraction of one between 0 and 1`;
const labelKey = text('a label’s key: small letters, digits, and . _ / - between them', LABEL_KEY, 64);

const needs = z.strictObject(
  {
    cores: z
      .number('a number of cores, at least 0.1')
      .min(0.1, 'a number of cores, at least 0.1')
      .max(10_000, 'at most 10000 cores')
      .default(1)
      .describe('Threads of the processor that it keeps busy; at least 0.1.'),
    memoryBytes: size()
      .optional()
      .describe('Memory that it needs: bytes as a number, or a size such as 512MiB, 2GiB or 1.5GB.'),
    gpus: z
      .union([wholeNumber(0, 64), z.number(gpuCount).gt(0, gpuCount).lt(1, gpuCount)], gpuCount)
      .default(0)
      .describe('GPUs: a whole number, or a fraction of one GPU between 0 and 1. The task sees only these.'),
    gpuMemoryBytes: size()
      .optional()
      .describe('Memory of each of the GPUs, as a number of bytes or a size such as 8GiB.'),
    gpuModel: oneLine('a part of a GPU’s name')
      .optional()
      .describe('A part of the name of the GPUs, such as RTX 4090.'),
    capabilities: z
      .array(
        z
          .string('a capability such as gpu.nvidia or gpu.compute>=8.6')
          .refine((given) => parseRequirement(given).ok, 'a capability such as gpu.nvidia or gpu.compute>=8.6'),
        'a list of capabilities',
      )
      .max(MOST_CAPABILITIES, `at most ${MOST_CAPABILITIES} capabilities`)
      .default([])
      .describe(
        'What the worker must be able to do: a name such as avx512 or container.docker, or a name, one of >= > = < <= and a version, such as gpu.compute>=8.6.',
      ),
    labels: z
      .record(labelKey, oneLine('a label’s value', 64), 'an object of labels such as { "rack": "b" }')
      .default({})
      .describe(`Labels that the worker must have, such as { "rack": "b" }; at most ${MOST_LABELS}.`),
  },
  'an object such as { "cores": 2 }',
);

const task = z
  .strictObject(
    {
      name: oneLine('a name').describe('What it is called; each task of a plan has a name of its own.'),
      command: z
        .union([argv, word], commandWords)
        .describe(
          'The program and its arguments, one text each; no shell reads them. With "shell": true one text for /bin/sh.',
        ),
      shell: z.boolean('true or false').default(false).describe('True: command is one text that /bin/sh runs.'),
      cwd: text('an absolute path', ABSOLUTE_PATH, LONGEST_PATH)
        .optional()
        .describe(
          'The folder to run in, an absolute path on the worker. Without it: a fresh scratch folder for each attempt.',
        ),
      env: z
        .record(
          text('the name of a variable: no = and no control characters', VARIABLE, 200),
          text('a text without NUL characters', WITHOUT_NUL, MOST_COMMAND_BYTES),
          'an object of variables such as { "SEED": "7" }',
        )
        .default({})
        .describe(`Variables of its environment; at most ${MOST_VARIABLES}.`),
      stdin: text('a text without NUL characters', WITHOUT_NUL, MOST_STDIN_BYTES)
        .optional()
        .describe('What the command reads from its standard input, at most 256 KiB. Without it: nothing.'),
      bring: z
        .array(brought, 'a list of { "from", "to" }')
        .max(LIMITS.filesPerAttempt, `at most ${LIMITS.filesPerAttempt} files`)
        .default([])
        .describe('Files from beside the plan that lie in the scratch folder when it starts.'),
      fetch: z
        .array(pathBelow, 'a list of globs such as "out/*.json"')
        .max(MOST_GLOBS, `at most ${MOST_GLOBS} globs`)
        .default([])
        .describe('Globs below the scratch folder: what fits is kept with the result.'),
      fileLimitBytes: size()
        .default(DEFAULT_FILE_LIMIT)
        .describe('The largest file that it brings or fetches, as a number of bytes or a size such as 1GiB.'),
      needs: needs.prefault({}).describe('What it needs of a worker.'),
      type: oneLine('a kind of work').optional().describe('What kind of work it is, such as pytest.'),
      priority: wholeNumber(0, 100).default(50).describe('From 0 to 100; higher goes first.'),
      timeoutSeconds: z
        .number('seconds from 0.1 to 30 days')
        .min(0.1, 'seconds from 0.1 to 30 days')
        .max(MOST_TIMEOUT_SECONDS, 'seconds from 0.1 to 30 days')
        .optional()
        .describe('Each attempt is ended after this long. Without it: never.'),
      retries: wholeNumber(0, 100).default(0).describe('Further attempts after one that failed or timed out.'),
      after: z
        .array(z.string('the name of a task of this plan'), 'a list of names of tasks')
        .max(1_000, 'at most 1000 names')
        .default([])
        .describe('Names of tasks of this plan that must have succeeded before.'),
      affinityKey: oneLine('a key')
        .optional()
        .describe('Tasks of the same key do better where one of them ran before, such as model:bert.'),
      group: oneLine('a name').optional().describe('The group whose groupLimit holds.'),
      groupLimit: wholeNumber(1, MOST_TASKS)
        .optional()
        .describe('At most so many tasks of the group run at once, anywhere, those of other plans included.'),
      preemptible: z
        .boolean('true or false')
        .default(false)
        .describe('True: it may be ended and run again later to make room.'),
      rerunIfLost: z
        .boolean('true or false')
        .default(true)
        .describe('False: when its worker is lost it fails, instead of running again elsewhere.'),
    },
    'an object with name and command',
  )
  .describe('One task: a command, what it needs, when it may run.');

export const planSchema = z
  .strictObject(
    {
      $schema: z
        .string('the address of a JSON Schema')
        .optional()
        .describe('The JSON Schema of this file, for editors.'),
      name: oneLine('a name').describe('What the run is called.'),
      maxParallel: wholeNumber(1, MOST_TASKS)
        .optional()
        .describe('At most so many tasks of the run at once. Without it: as many as fit.'),
      onFailure: z
        .enum(['continue', 'stop'], '"continue" or "stop"')
        .default('continue')
        .describe('stop: the first task that fails cancels all that have not begun.'),
      tasks: z
        .array(task, 'a list of tasks')
        .min(1, 'at least one task')
        .max(MOST_TASKS, `at most ${MOST_TASKS} tasks`)
        .describe('The tasks, in the order in which they are submitted.'),
    },
    'an object with name and tasks',
  )
  .describe('Tasks to run on the machines of a lab.');

/** A plan of the right form, every default filled in. */
export type PlanFile = z.output<typeof planSchema>;
export type PlannedTask = PlanFile['tasks'][number];

/** The fields that an object of a plan may have; `place`: the name of the field that holds it, null for the plan itself. */
export function fieldsAt(place: string | null): readonly string[] {
  const shapes = { tasks: task, needs, bring: brought } as const;
  const known = place !== null && Object.hasOwn(shapes, place) ? shapes[place as keyof typeof shapes] : planSchema;
  return Object.keys(known.shape);
}
