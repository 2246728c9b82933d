import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePlan } from '../../../src/shared/plan/parse-plan.ts';
import { aSpec, someNeeds } from '../../support/tasks.ts';
import { anyRunSpec, planOf } from './any-run-spec.ts';

/** A plan of one task, which does nothing unless told. */
function planWith(task: object, run: object = {}): string {
  return JSON.stringify({ name: 'nightly', ...run, tasks: [{ name: 'unit', command: ['true'], ...task }] });
}

function refusal(text: string): string {
  const parsed = parsePlan(text);
  if (parsed.ok) throw new Error(`This is a right plan: ${text}`);
  expect(parsed.error.code).toBe('invalid-argument');
  return parsed.error.message;
}

function onlyTask(text: string) {
  const parsed = parsePlan(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value.tasks[0];
}

describe('a plan', () => {
  test('takes its defaults where it says nothing', () => {
    expect(parsePlan(planWith({}))).toEqual({
      ok: true,
      value: { name: 'nightly', maxParallel: null, onFailure: 'continue', tasks: [aSpec({ command: ['true'] })] },
    });
  });

  test('says with every field what it means', () => {
    const text = planWith(
      {
        command: ['pytest', '-q', 'tests/unit'],
        cwd: '/srv/app',
        env: { SEED: '7' },
        stdin: 'yes\n',
        bring: [{ from: './data.bin', to: 'in/data.bin' }],
        fetch: ['out/**/*.json'],
        fileLimitBytes: '1GiB',
        needs: {
          cores: 0.5,
          memoryBytes: '2GiB',
          gpus: 0.5,
          gpuMemoryBytes: '1.5GB',
          gpuModel: 'RTX 4090',
          capabilities: ['gpu.compute>=8.6'],
          labels: { rack: 'b' },
        },
        type: 'pytest',
        priority: 60,
        timeoutSeconds: 0.5,
        retries: 2,
        affinityKey: 'model:bert',
        group: 'licence',
        groupLimit: 3,
        preemptible: true,
        rerunIfLost: false,
      },
      { $schema: './plan.schema.json', maxParallel: 8, onFailure: 'stop' },
    );
    const parsed = parsePlan(text);
    expect(parsed).toMatchObject({ ok: true, value: { name: 'nightly', maxParallel: 8, onFailure: 'stop' } });
    expect(onlyTask(text)).toEqual(
      aSpec({
        command: ['pytest', '-q', 'tests/unit'],
        cwd: '/srv/app',
        env: { SEED: '7' },
        stdin: 'yes\n',
        bring: [{ from: './data.bin', to: 'in/data.bin' }],
        fetch: ['out/**/*.json'],
        fileLimitBytes: 2 ** 30,
        needs: someNeeds({
          cores: 0.5,
          memoryBytes: 2 * 2 ** 30,
          gpus: 0.5,
          gpuMemoryBytes: 1.5e9,
          gpuModel: 'RTX 4090',
          capabilities: ['gpu.compute>=8.6'],
          labels: { rack: 'b' },
        }),
        type: 'pytest',
        priority: 60,
        timeoutMs: 500,
        retries: 2,
        affinityKey: 'model:bert',
        group: 'licence',
        groupLimit: 3,
        isPreemptible: true,
        isRerunIfLost: false,
      }),
    );
  });

  test('may give the shell one text', () => {
    const asked = { isShell: true, command: ['make | tee log'] };
    expect(onlyTask(planWith({ shell: true, command: 'make | tee log' }))).toMatchObject(asked);
    expect(onlyTask(planWith({ shell: true, command: ['make | tee log'] }))).toMatchObject(asked);
  });

  test('may begin with the mark of its encoding', () => {
    expect(parsePlan(`\ufeff${planWith({})}`).ok).toBe(true);
  });

  test('counts a name in after once', () => {
    const tasks = [
      { name: 'build', command: ['make'] },
      { name: 'unit', command: ['make', 'test'], after: ['build', 'build'] },
    ];
    const parsed = parsePlan(JSON.stringify({ name: 'nightly', tasks }));
    expect(parsed).toMatchObject({ ok: true, value: { tasks: [{ after: [] }, { after: ['build'] }] } });
  });

  test('that asks for a run asks for exactly that run', () => {
    fc.assert(
      fc.property(anyRunSpec, (spec) => {
        expect(parsePlan(JSON.stringify(planOf(spec)))).toEqual({ ok: true, value: spec });
      }),
    );
  });

  test('may have ten thousand tasks in one chain', () => {
    const tasks = Array.from({ length: 10_000 }, (_, index) => ({
      name: `task ${index}`,
      command: ['true'],
      after: index === 0 ? [] : [`task ${index - 1}`],
    }));
    expect(parsePlan(JSON.stringify({ name: 'long', tasks }))).toMatchObject({ ok: true });
  });
});

/** Each with the sentence that tells what is wrong with it. */
const WRONG_TASKS: readonly (readonly [task: object, sentence: string])[] = [
  [
    { needs: { memoryBytes: '2Gig' } },
    'tasks[0].needs.memoryBytes: found "2Gig", expected bytes as a number or a size such as 512MiB.',
  ],
  [
    { needs: { memoryBytes: '9999TiB' } },
    'tasks[0].needs.memoryBytes: found "9999TiB", expected bytes as a number or a size such as 512MiB.',
  ],
  [
    { needs: { gpus: 1.5 } },
    'tasks[0].needs.gpus: found 1.5, expected a whole number of GPUs, or a fraction of one between 0 and 1.',
  ],
  [{ needs: { gpuModel: 'RTX' } }, 'tasks[0].needs.gpuModel: found "RTX", expected needs.gpus beside it.'],
  [{ needs: { cores: 0 } }, 'tasks[0].needs.cores: found 0, expected a number of cores, at least 0.1.'],
  [
    { needs: { capabilities: ['>=8'] } },
    'tasks[0].needs.capabilities[0]: found ">=8", expected a capability such as gpu.nvidia or gpu.compute>=8.6.',
  ],
  [
    { needs: { labels: { Rack: 'b' } } },
    'tasks[0].needs.labels: found "Rack", expected a label’s key: small letters, digits, and . _ / - between them.',
  ],
  [{ needs: 4 }, 'tasks[0].needs: found 4, expected an object such as { "cores": 2 }.'],
  [{ name: undefined }, 'tasks[0].name: found nothing, expected a name: one line without control characters.'],
  [{ name: '  ' }, 'tasks[0].name: found "  ", expected a name: one line without control characters.'],
  [{ name: 'x'.repeat(201) }, `tasks[0].name: found "${'x'.repeat(59)}…", expected at most 200 characters.`],
  [{ command: 'ls -l' }, 'tasks[0].command: found "ls -l", expected a list of texts, or "shell": true beside it.'],
  [
    { command: [] },
    'tasks[0].command: found an empty list, expected the program and its arguments, such as ["pytest", "-q"].',
  ],
  [{ command: [''] }, 'tasks[0].command: found "", expected the name of a program.'],
  [{ command: ['true', 7] }, 'tasks[0].command[1]: found 7, expected a text without NUL characters.'],
  [
    { command: Array(3).fill('x'.repeat(50_000)) },
    'tasks[0].command: found 146 KiB, expected at most 128 KiB together.',
  ],
  [
    { shell: true, command: ['a', 'b'] },
    'tasks[0].command: found a list, expected one text, because of "shell": true.',
  ],
  [
    { env: { 'A=B': '' } },
    'tasks[0].env: found "A=B", expected the name of a variable: no = and no control characters.',
  ],
  [{ env: { SEED: 7 } }, 'tasks[0].env.SEED: found 7, expected a text without NUL characters.'],
  [{ env: { SEED: '\ud800' } }, 'tasks[0].env.SEED: found "\\ud800", expected a text without NUL characters.'],
  [{ stdin: 'ä'.repeat(200_000) }, 'tasks[0].stdin: found 391 KiB, expected at most 256 KiB together.'],
  [{ cwd: 'build' }, 'tasks[0].cwd: found "build", expected an absolute path.'],
  [
    { fetch: ['../secrets'] },
    'tasks[0].fetch[0]: found "../secrets", expected a path below the scratch folder, with / between names and without “.” and “..”.',
  ],
  [
    { bring: [{ from: 'a', to: '/etc/passwd' }] },
    'tasks[0].bring[0].to: found "/etc/passwd", expected a path below the scratch folder, with / between names and without “.” and “..”.',
  ],
  [
    {
      bring: [
        { from: 'a', to: 'x' },
        { from: 'b', to: 'x' },
      ],
    },
    'tasks[0].bring[1].to: found "x", expected a place that no other file goes to.',
  ],
  [
    { bring: Array.from({ length: 1_000 }, (_, index) => ({ from: 'x'.repeat(1_000), to: `f${index}` })) },
    'tasks[0]: found 1000 KiB, expected at most 768 KiB together.',
  ],
  [{ priority: 101 }, 'tasks[0].priority: found 101, expected a whole number from 0 to 100.'],
  [{ timeoutSeconds: 0 }, 'tasks[0].timeoutSeconds: found 0, expected seconds from 0.1 to 30 days.'],
  [{ retries: 0.5 }, 'tasks[0].retries: found 0.5, expected a whole number from 0 to 100.'],
  [{ groupLimit: 2 }, 'tasks[0].groupLimit: found 2, expected group beside it.'],
  [{ preemptible: 'no' }, 'tasks[0].preemptible: found "no", expected true or false.'],
  [{ after: ['unti'] }, 'tasks[0].after[0]: found "unti", expected the name of a task of this plan such as "unit".'],
  [{ after: ['nobody at all'] }, 'tasks[0].after[0]: found "nobody at all", expected the name of a task of this plan.'],
  [{ after: ['unit'] }, 'tasks[0].after: found the cycle unit → unit, expected tasks that do not wait for each other.'],
];

describe('a wrong plan is told by path, what was found and what was expected', () => {
  test.each(WRONG_TASKS.map(([task, sentence]) => [sentence, task] as const))('%s', (sentence, task) => {
    expect(refusal(planWith(task)).replaceAll('\u00a0', ' ')).toBe(sentence);
  });

  test.each([
    ['null', 'plan: found null, expected an object with name and tasks.'],
    ['[]', 'plan: found an empty list, expected an object with name and tasks.'],
    ['{"tasks":[]}', 'name: found nothing, expected a name: one line without control characters.'],
    ['{"name":"n","tasks":[]}', 'tasks: found an empty list, expected at least one task.'],
    ['{"name":"n","tasks":{}}', 'tasks: found an object, expected a list of tasks.'],
    ['{"name":"n","tasks":["a"]}', 'tasks[0]: found "a", expected an object with name and command.'],
    [planWith({}, { onFailure: 'halt' }), 'onFailure: found "halt", expected "continue" or "stop".'],
    [planWith({}, { maxParallel: 0 }), 'maxParallel: found 0, expected a whole number from 1 to 10000.'],
  ])('%s', (text, sentence) => expect(refusal(text)).toBe(sentence));

  test('that has a field which does not exist is told the name that was meant', () => {
    expect(refusal(planWith({ comand: ['true'], command: undefined }))).toBe(
      'tasks[0].comand: found an unknown field, expected a known one such as command.',
    );
    expect(refusal(planWith({ timeout: 5 }))).toContain('such as timeoutSeconds.');
    expect(refusal(planWith({ rerun_if_lost: true }))).toContain('such as rerunIfLost.');
    expect(refusal(planWith({ needs: { memory: 5 } }))).toBe(
      'tasks[0].needs.memory: found an unknown field, expected a known one such as memoryBytes.',
    );
    expect(refusal(planWith({ bring: [{ from: 'a', to: 'b', mode: 7 }] }))).toBe(
      'tasks[0].bring[0].mode: found an unknown field, expected one of from, to.',
    );
    expect(refusal(planWith({}, { task: [] }))).toBe(
      'task: found an unknown field, expected a known one such as tasks.',
    );
  });

  test.each(['env', 'needs'])('that hides a name which records cannot keep, in %s', (field) => {
    const record = field === 'env' ? '{"__proto__":"x"}' : '{"labels":{"__proto__":"x"}}';
    expect(refusal(planWith({ [field]: 0 }).replace(`"${field}":0`, `"${field}":${record}`))).toContain(
      'found "__proto__"',
    );
  });

  test('whose tasks have one name', () => {
    const one = { name: 'unit', command: ['true'] };
    expect(refusal(JSON.stringify({ name: 'n', tasks: [one, { ...one, name: 'lint' }, one] }))).toBe(
      'tasks[2].name: found "unit", expected a name other than that of tasks[0].',
    );
  });

  test('whose tasks wait for each other', () => {
    const chain = (names: readonly string[]) =>
      names.map((name, place) => ({ name, command: ['true'], after: [names.at(place - 1)] }));
    expect(
      refusal(JSON.stringify({ name: 'n', tasks: [{ name: 'first', command: ['true'] }, ...chain(['a', 'b'])] })),
    ).toBe('tasks[1].after: found the cycle a → b → a, expected tasks that do not wait for each other.');
    expect(refusal(JSON.stringify({ name: 'n', tasks: chain([...'abcdefghij']) }))).toContain(
      'found the cycle a → j → i → h → … → a,',
    );
  });

  test('with more tasks than there may be', () => {
    const tasks = Array.from({ length: 10_001 }, (_, index) => ({ name: `t${index}`, command: ['true'] }));
    expect(refusal(JSON.stringify({ name: 'n', tasks }))).toBe('tasks: found a list, expected at most 10000 tasks.');
  });

  test('that is longer than any plan', () => {
    expect(refusal(' '.repeat(16_000_001))).toMatch(/^plan: found 16000001 characters, expected at most 16000000\./);
  });

  test.each([
    ['', 'line 1, column 1: found the end of the file, expected a value.'],
    ['{\n  "name": "n",\n}', 'line 3, column 1: found "}", expected a name in double quotes.'],
    ['{\r\n"name": True}', 'line 2, column 9: found "True", expected a value.'],
    ['{"ä😀": 1 "b"}', 'line 1, column 10: found "\\"", expected a comma or }.'],
  ])('that is no JSON is told by line and column: %j', (text, sentence) => expect(refusal(text)).toBe(sentence));

  test('with nothing in the sentence that a terminal would obey', () => {
    const hostile = '\u001b]0;owned\u0007\u202eevil\n\u2028\u009b';
    for (const text of [
      planWith({ name: hostile }),
      planWith({ [hostile]: 1 }),
      planWith({ env: { [hostile]: '' } }),
      planWith({ after: [hostile] }),
      `${hostile}{`,
    ]) {
      expect(refusal(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      expect(refusal(text).length).toBeLessThan(400);
    }
  });
});

describe('whatever is given', () => {
  test('never throws and answers in one line', () => {
    const anyPart = fc.oneof(fc.jsonValue(), fc.constantFrom('tasks', 'name', 'command'));
    const nearly = fc.record(
      {
        name: anyPart,
        tasks: fc.array(fc.record({ name: anyPart, command: anyPart, needs: anyPart, env: anyPart, after: anyPart })),
      },
      { requiredKeys: [] },
    );
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.jsonValue().map((value) => JSON.stringify(value)),
      nearly.map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const parsed = parsePlan(text);
        if (!parsed.ok) expect(parsed.error.message).toMatch(/^\S[^\n]*: found .* expected .*\.$/u);
      }),
    );
  });

  test('is read however deep it is', () => {
    expect(refusal('['.repeat(200_000))).toMatch(/^line 1, column 200001: found the end of the file/);
    expect(refusal(`{"name":"n","tasks":${'['.repeat(50_000)}${']'.repeat(50_000)}}`)).toMatch(
      /^tasks\[0\]: found a list/,
    );
  });
});
