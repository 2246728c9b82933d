import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AttemptOrder } from '../../../src/core/tasks/attempt.ts';
import { attemptIdOf } from '../../../src/core/tasks/task.ts';
import { parseAnswerValue } from '../../../src/shared/protocol/answer-values.ts';
import { type AgentRequestName, LIMITS } from '../../../src/shared/protocol/contract.ts';
import { parseFromCoordinator } from '../../../src/shared/protocol/coordinator-messages.ts';
import { parseFromAgent } from '../../../src/shared/protocol/schemas.ts';
import { anEnd, aReport, aUsage, taskIdOf } from '../../support/tasks.ts';

const SUM = 'ab'.repeat(32);
const ID = attemptIdOf(taskIdOf(1), 1);

const order: AttemptOrder = {
  attemptId: ID,
  taskId: taskIdOf(1),
  name: 'unit <b>\n🦆',
  command: ['pytest', '-q', ''],
  cwd: null,
  env: { GREETING: 'hello', EMPTY: '' },
  stdin: 'one\ntwo\n',
  files: [{ to: 'in/data.bin', bytes: 12, sha256: SUM, isExecutable: false }],
  fetch: ['out/**/*.json'],
  fileLimitBytes: 256 * 2 ** 20,
  gpuIndexes: [0, 3],
  timeoutMs: 600_000,
  graceMs: 10_000,
  outputLimitBytes: 64 * 2 ** 20,
};

const fromAgent = (message: unknown) => parseFromAgent(JSON.stringify(message));
const fromCoordinator = (message: unknown) => parseFromCoordinator(JSON.stringify(message));
const requestOf = (method: AgentRequestName, params: unknown) => ({ kind: 'request', id: 7, method, params });
const reportsOf = (...reports: unknown[]) => ({ kind: 'attempts', isAll: false, reports });
const pulseOf = (changes: object = {}) => ({
  ...{ attemptId: ID, cores: 1.5, memoryBytes: null, gpuMemoryBytes: null, usage: aUsage(), outputBytes: 0 },
  ...changes,
});

const requests = [
  requestOf('missing-files', { sha256: [SUM] }),
  requestOf('bring-file', { sha256: SUM, offset: 0, totalBytes: 0, data: '' }),
  requestOf('start-attempts', { orders: [order, { ...order, cwd: '/srv/app', stdin: null, timeoutMs: null }] }),
  requestOf('cancel-attempt', { attemptId: ID }),
  requestOf('forget-attempts', { attemptIds: [ID] }),
  requestOf('read-output', { attemptId: ID, offset: 9 }),
  requestOf('read-file', { attemptId: ID, path: 'out/a b.json', offset: 0 }),
];

describe('what an agent is asked about tasks', () => {
  it.each(requests)('is read as it was written: $method', (message) => {
    expect(fromCoordinator(message)).toEqual({ ok: true, value: message });
  });

  it('is read without what a newer coordinator adds', () => {
    const newer = requestOf('start-attempts', { orders: [], mood: 'good' });
    expect(fromCoordinator(newer)).toEqual({ ok: true, value: requestOf('start-attempts', { orders: [] }) });
    const taken = { kind: 'attempts-taken', taken: [{ attemptId: ID, version: 3 }] };
    expect(fromCoordinator({ ...taken, at: 1 })).toEqual({ ok: true, value: taken });
  });

  it.each<[keyof AttemptOrder, unknown]>([
    ['attemptId', '../../etc/pa.1'],
    ['attemptId', `${taskIdOf(1)}.0`],
    ['attemptId', `${taskIdOf(1)}.1234567`],
    ['attemptId', `${taskIdOf(1)}.1\n`],
    ['taskId', 'T000000001'],
    ['name', 7],
    ['name', 'n'.repeat(1_001)],
    ['command', []],
    ['command', ['']],
    ['command', ['a\0b']],
    ['command', 'ls'],
    ['cwd', 'relative'],
    ['cwd', '/a\0b'],
    ['env', { 'A=B': 'x' }],
    ['env', { '': 'x' }],
    ['env', { A: 1 }],
    ['env', ['x']],
    ['stdin', 1],
    ['files', [{ ...order.files[0], to: '../x' }]],
    ['files', [{ ...order.files[0], to: '/x' }]],
    ['files', [{ ...order.files[0], to: 'a//b' }]],
    ['files', [{ ...order.files[0], to: 'a\\..\\b' }]],
    ['files', [{ ...order.files[0], sha256: SUM.toUpperCase() }]],
    ['files', [{ ...order.files[0], bytes: -1 }]],
    ['files', new Array(LIMITS.filesPerAttempt + 1).fill(order.files[0])],
    ['fetch', ['a/../../b']],
    ['fileLimitBytes', 1.5],
    ['gpuIndexes', [-1]],
    ['timeoutMs', -1],
    ['graceMs', null],
    ['outputLimitBytes', '1'],
  ])('names what is wrong in an order: %s as %j', (field, value) => {
    const wrong = requestOf('start-attempts', { orders: [order, { ...order, [field]: value }] });
    const misread = { kind: 'misread', id: 7, method: 'start-attempts', fault: field };
    expect(fromCoordinator(wrong)).toEqual({ ok: true, value: misread });
  });

  it.each([
    ['missing-files', { sha256: ['x'] }, 'sha256'],
    ['bring-file', { sha256: SUM, offset: 0, totalBytes: 1, data: 'A'.repeat(LIMITS.pieceBytes * 2) }, 'data'],
    ['bring-file', { sha256: SUM, offset: -1, totalBytes: 1, data: '' }, 'offset'],
    ['start-attempts', { orders: new Array(LIMITS.ordersPerRequest + 1).fill(order) }, 'orders'],
    ['start-attempts', { orders: ['all'] }, 'orders'],
    ['cancel-attempt', {}, 'attemptId'],
    ['forget-attempts', { attemptIds: [ID, '..'] }, 'attemptIds'],
    ['read-file', { attemptId: ID, path: '../agent-key.pem', offset: 0 }, 'path'],
    ['read-output', null, 'params'],
    ['set-level', { level: 'extreme' }, 'level'],
  ] as const)('that cannot be obeyed as it stands costs no link: %s', (method, params, fault) => {
    expect(fromCoordinator(requestOf(method, params))).toEqual({
      ok: true,
      value: { kind: 'misread', id: 7, method, fault },
    });
  });

  it('a receipt for what can be no attempt is refused', () => {
    for (const taken of [null, [{ attemptId: 'x', version: 1 }], [{ attemptId: ID }]])
      expect(fromCoordinator({ kind: 'attempts-taken', taken })).toMatchObject({ ok: false });
  });
});

describe('what a coordinator is told about tasks', () => {
  it('is read as it was written', () => {
    const files = [{ path: 'out/ü.json', bytes: 3, sha256: SUM }];
    const reports = [
      aReport({ state: 'accepted' }),
      aReport({ state: 'running', usage: aUsage({ cpuSeconds: 0.5 }) }),
      aReport({ end: anEnd({ files, exitCode: null, signal: 'SIGSEGV', message: 'Gone.' }) }),
    ];
    const all = { kind: 'attempts', isAll: true, reports };
    expect(fromAgent(all)).toEqual({ ok: true, value: all });
    const pulses = { kind: 'pulses', pulses: [pulseOf()] };
    expect(fromAgent(pulses)).toEqual({ ok: true, value: pulses });
  });

  it('is cut where sentences are too long', () => {
    const long = aReport({
      end: anEnd({ message: 'm'.repeat(9_000), filesLeft: new Array(300).fill('A file is gone.') }),
    });
    const message = fromAgent(reportsOf(long));
    if (!message.ok || message.value?.kind !== 'attempts') throw new Error('It was refused.');
    const { end } = message.value.reports[0]!;
    expect(end?.message).toHaveLength(500);
    expect(end?.filesLeft).toHaveLength(100);
  });

  it.each([
    ['an end that is missing', aReport({ end: null })],
    ['an end before the end', { ...aReport({ state: 'running' }), end: anEnd() }],
    ['an id that is a path', { ...aReport(), attemptId: '../../../x.1' }],
    ['a file outside of its folder', aReport({ end: anEnd({ files: [{ path: '../x', bytes: 1, sha256: SUM }] }) })],
    ['a sum that is none', aReport({ end: anEnd({ files: [{ path: 'x', bytes: 1, sha256: 'x' }] }) })],
    ['less than nothing', aReport({ usage: aUsage({ cpuSeconds: -1 }) })],
    ['a state that does not exist', { ...aReport(), state: 'lost' }],
    ['a way to end that does not exist', { ...aReport(), end: { ...anEnd(), how: 'bored' } }],
  ])('is refused with %s', (_, report) => {
    expect(fromAgent(reportsOf(report))).toMatchObject({
      ok: false,
      error: { message: expect.stringMatching(/^A message of the kind attempts is malformed at reports\.0.*\.$/) },
    });
  });

  it('is refused where a number is none, and where there is too much of it', () => {
    const infinite = JSON.stringify({ kind: 'pulses', pulses: [pulseOf()] }).replace('1.5', '1e999');
    expect(parseFromAgent(infinite)).toMatchObject({ ok: false });
    const many = new Array(LIMITS.attemptsPerMessage + 1).fill(aReport({ state: 'accepted' }));
    expect(fromAgent(reportsOf(...many))).toMatchObject({ ok: false });
  });
});

describe('a proof', () => {
  const proof = {
    ...{ kind: 'proof', publicKey: 'AAAA', signature: 'AAAA', as: { kind: 'enrolled', workerId: 'w-1' } },
    ...{ hostName: 'rig', platform: 'linux', runsTasks: true },
  };
  const terms = { maxParallel: 4, programs: ['/usr/bin/python3', 'pytest'], asUser: 'lab' };
  const termsIn = (taskTerms?: unknown) => {
    const message = fromAgent({ ...proof, taskTerms });
    return message.ok && message.value?.kind === 'proof' ? message.value.taskTerms : message;
  };

  it('tells on what terms tasks are run; an older agent tells none', () => {
    expect(termsIn(terms)).toEqual(terms);
    expect(termsIn({ maxParallel: null, programs: null, asUser: null, mood: 'good' })).toEqual({
      ...{ maxParallel: null, programs: null, asUser: null },
    });
    expect(termsIn()).toBeNull();
    expect(termsIn(null)).toBeNull();
  });

  it.each([
    { ...terms, maxParallel: 0 },
    { ...terms, maxParallel: 1.5 },
    { ...terms, programs: new Array(65).fill('x') },
    { ...terms, asUser: 7 },
    'all',
  ])('with terms of another form is refused: %j', (wrong) => {
    expect(termsIn(wrong)).toMatchObject({ ok: false });
  });
});

describe('the value of an answer', () => {
  it('is read as it was written', () => {
    const piece = { fromOffset: 4, data: 'AAAA', totalBytes: 9 };
    expect(parseAnswerValue('read-output', { ...piece, mood: 'good' })).toEqual({ ok: true, value: piece });
    expect(parseAnswerValue('read-file', piece)).toEqual({ ok: true, value: piece });
    expect(parseAnswerValue('missing-files', { missing: [SUM] })).toEqual({ ok: true, value: { missing: [SUM] } });
    for (const value of [null, undefined, 'done'])
      expect(parseAnswerValue('start-attempts', value)).toEqual({ ok: true, value: null });
  });

  it.each([
    ['read-output', null],
    ['read-output', { fromOffset: -1, data: '', totalBytes: 0 }],
    ['read-file', { fromOffset: 0, data: 'A'.repeat(2 * LIMITS.pieceBytes), totalBytes: 0 }],
    ['missing-files', { missing: ['../x'] }],
    ['missing-files', []],
  ] as const)('that no answer can have is refused: %s, %j', (method, value) => {
    expect(parseAnswerValue(method, value)).toMatchObject({
      ok: false,
      error: {
        code: 'invalid-argument',
        message: expect.stringMatching(new RegExp(`^The worker’s answer to ${method}`)),
      },
    });
  });
});

describe('whatever is put into a task message', () => {
  const spoiled = <Whole extends object>(wholes: readonly Whole[]) =>
    fc.constantFrom(...wholes).chain((whole) =>
      fc.tuple(fc.constantFrom(...pathsIn(whole)), fc.oneof(fc.jsonValue(), fc.string())).map(([path, value]) => {
        const copy = structuredClone(whole);
        put(copy as Record<string, unknown>, path, value);
        return JSON.stringify(copy);
      }),
    );

  it('is read or refused at an agent, never thrown at, and no path leads out', () => {
    fc.assert(
      fc.property(spoiled(requests), (text) => {
        const result = parseFromCoordinator(text);
        if (!result.ok || result.value?.kind !== 'request') return;
        for (const [, path] of text.matchAll(/"(?:path|to)":"((?:[^"\\]|\\.)*)"/g))
          expect(path?.split('/')).not.toContain('..');
      }),
      { numRuns: 2_000 },
    );
  });

  it('is read or refused at a coordinator, never thrown at', () => {
    const wholes = [
      { kind: 'attempts', isAll: true, reports: [aReport({ usage: aUsage() })] },
      { kind: 'pulses', pulses: [pulseOf()] },
    ];
    fc.assert(
      fc.property(spoiled(wholes), (text) => {
        const result = parseFromAgent(text);
        if (!result.ok) expect(result.error.message).toMatch(/^A message .*\.$/);
        else if (result.value?.kind === 'attempts') {
          for (const { state, end } of result.value.reports) expect(end !== null).toBe(state === 'ended');
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

/** Every place in a value, as the keys that lead there. */
function pathsIn(value: unknown, at: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [at];
  const below = Object.entries(value).flatMap(([key, one]) => pathsIn(one, [...at, key]));
  return at.length === 0 ? below : [at, ...below];
}

function put(whole: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [key, ...rest] = path;
  if (rest.length === 0) whole[key!] = value;
  else put(whole[key!] as Record<string, unknown>, rest, value);
}
