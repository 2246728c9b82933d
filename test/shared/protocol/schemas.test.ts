import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { completeInventory } from '../../../src/core/fleet/inventory.ts';
import { parseFromCoordinator } from '../../../src/shared/protocol/coordinator-messages.ts';
import { parseFromAgent } from '../../../src/shared/protocol/schemas.ts';
import { MACHINE } from '../../core/fleet/a-machine.ts';

const parsed = (parse: typeof parseFromAgent | typeof parseFromCoordinator, message: unknown) =>
  parse(JSON.stringify(message));

const hello = { kind: 'hello', protocol: { major: 1, minor: 0 }, agentVersion: '0.1.0', nonce: 'A'.repeat(43) };
const proof = {
  kind: 'proof',
  publicKey: 'AAAA',
  signature: 'AAAA',
  as: { kind: 'invited', invitationId: 'abc', codeProof: 'AAAA' },
  hostName: 'rig-03',
  platform: 'linux',
  runsTasks: false,
  taskTerms: null,
};
const fromAgent = [
  hello,
  proof,
  { ...proof, as: { kind: 'enrolled', workerId: 'w-1' } },
  { kind: 'delivery', sequence: 1, isLate: true, batch: {} },
  { kind: 'health', clockDifferenceMs: null, spooledBytes: 0, lostTicks: 3 },
  { kind: 'ping', id: 1 },
  { kind: 'pong', id: 1, atMs: 5 },
  { kind: 'answer', id: 1, ok: true, value: null },
  { kind: 'answer', id: 1, ok: false, error: { code: 'timeout', message: 'Too late.' } },
  { kind: 'leaving' },
];
const fromCoordinator = [
  {
    kind: 'challenge',
    protocol: { major: 1, minor: 0 },
    coordinatorVersion: '0.1.0',
    nonce: 'AAAA',
    publicKey: 'AAAA',
    signature: 'AAAA',
    codeProof: null,
  },
  { kind: 'welcome', workerId: 'w-1', name: 'rig-03', level: 'standard', addresses: ['desk.lab'], port: 7461 },
  { kind: 'refusal', code: 'removed', message: 'Removed.', isFinal: true },
  { kind: 'taken', sequence: 4 },
  { kind: 'ping', id: 2 },
  { kind: 'pong', id: 2, atMs: 5 },
  { kind: 'request', id: 1, method: 'set-level', params: { level: 'basic' } },
  { kind: 'request', id: 1, method: 'refresh-inventory', params: {} },
  { kind: 'request', id: 1, method: 'watch-processes', params: { isWatched: true } },
  {
    kind: 'request',
    id: 2,
    method: 'update-agent',
    params: { version: '0.2.0', sha256: 'a'.repeat(64), offset: 0, totalBytes: 3, data: 'eHh4' },
  },
];

test('an inventory of an older agent is read, with unknown for what it did not read', () => {
  const older = {
    atMs: 5,
    hostName: 'rig',
    os: { platform: 'linux', distribution: 'Debian', release: '12', kernel: '6.1', arch: 'x64' },
    machine: { manufacturer: null, model: null, isVirtual: null },
    cpu: { model: 'CPU', physicalCores: 4, logicalCores: 8, maxFrequencyHz: null },
    memoryBytes: 1,
    swapBytes: null,
    gpus: [{ vendor: 'NVIDIA', model: 'H100', memoryBytes: 1, driver: '550.54' }],
    disks: [],
    nics: [],
  };
  const inventoryIn = (inventory: unknown) => {
    const message = parsed(parseFromAgent, { kind: 'delivery', sequence: 1, isLate: false, batch: { inventory } });
    return message.ok && message.value?.kind === 'delivery' ? message.value.batch.inventory : null;
  };
  expect(inventoryIn(older)).toEqual(completeInventory(older));
  expect(inventoryIn(MACHINE)).toEqual(MACHINE);
  const newer = {
    ...MACHINE,
    software: [
      { name: 'quantum', version: '9' },
      { name: 'go', version: '1.22' },
    ],
    orbit: 1,
  };
  expect(inventoryIn(newer)).toEqual({ ...MACHINE, software: [{ name: 'go', version: '1.22' }] });
});

describe('messages', () => {
  test.each(fromAgent)('from an agent are read as they were written: $kind', (message) => {
    expect(parsed(parseFromAgent, message)).toEqual({ ok: true, value: message });
  });

  test.each(fromCoordinator)('from a coordinator are read as they were written: $kind', (message) => {
    expect(parsed(parseFromCoordinator, message)).toEqual({ ok: true, value: message });
  });

  test('of a kind that a newer version knows are ignored, and so are its additions to known ones', () => {
    expect(parsed(parseFromAgent, { kind: 'task-output', text: 'x' })).toEqual({ ok: true, value: null });
    expect(parsed(parseFromCoordinator, { kind: 'constructor' })).toEqual({ ok: true, value: null });
    expect(parsed(parseFromCoordinator, { kind: 'request', id: 1, method: 'run-task', params: {} })).toEqual({
      ok: true,
      value: null,
    });
    expect(parsed(parseFromAgent, { ...hello, languages: ['en'] })).toEqual({ ok: true, value: hello });
  });

  test('of another major version are read as far as that they can be refused', () => {
    const foreign = { kind: 'hello', protocol: { major: 2, minor: 0 }, agentVersion: 3, nonce: { new: 'form' } };
    expect(parsed(parseFromAgent, foreign)).toMatchObject({ ok: true, value: { protocol: { major: 2 }, nonce: '' } });
  });

  test.each([
    { kind: 'hello' },
    { ...hello, protocol: { major: -1, minor: 0 } },
    { ...proof, as: { kind: 'admin' } },
    { ...proof, runsTasks: 'yes' },
    { kind: 'ping', id: 0 },
    { kind: 'ping', id: 1.5 },
    { kind: 'health', clockDifferenceMs: null, spooledBytes: -1, lostTicks: 0 },
    { kind: 'answer', id: 1, ok: 'maybe' },
    { kind: 'delivery', sequence: 1, isLate: false },
    { kind: 'delivery', sequence: '1', isLate: false, batch: {} },
    { kind: 'delivery', sequence: 1, isLate: false, batch: { ticks: {} } },
    { kind: 'delivery', sequence: 1, isLate: false, batch: { ticks: [[1, 1]] } },
    { kind: 'delivery', sequence: 1, isLate: false, batch: { layouts: [{ layout: 1 }] } },
    { kind: 'delivery', sequence: 1, isLate: false, batch: { inventory: {} } },
    { kind: 'delivery', sequence: 1, isLate: false, batch: { events: 'all' } },
    { kind: 7 },
    {},
  ])('that are malformed are refused with a sentence: %j', (message) => {
    expect(parsed(parseFromAgent, message)).toMatchObject({
      ok: false,
      error: { code: 'invalid-argument', message: expect.stringMatching(/^A message .*\.$/) },
    });
  });

  test.each([
    { kind: 'challenge' },
    { kind: 'challenge', protocol: { major: 1 } },
    { kind: 'welcome', workerId: '', name: 'x', level: 'standard', addresses: [], port: 1 },
    { kind: 'welcome', workerId: 'w', name: 'x', level: 'extreme', addresses: [], port: 1 },
    { kind: 'welcome', workerId: 'w', name: 'x', level: 'standard', addresses: [7], port: 1 },
    { kind: 'welcome', workerId: 'w', name: 'x', level: 'standard', addresses: [], port: 65_536 },
    { kind: 'refusal', code: 'removed', message: 'Removed.' },
    { kind: 'taken', sequence: 0 },
    { kind: 'ping', id: '1' },
    { kind: 'pong', id: 1, atMs: null },
    { kind: 'request', id: 0, method: 'set-level', params: { level: 'basic' } },
    { kind: 'request', id: 1, params: {} },
    { kind: 7 },
  ])('of a coordinator that are malformed are refused with a sentence: %j', (message) => {
    expect(parsed(parseFromCoordinator, message)).toMatchObject({
      ok: false,
      error: { code: 'invalid-argument', message: expect.stringMatching(/^A message .*\.$/) },
    });
  });

  test('of a newer coordinator, with a reason for a refusal that this version does not know, are understood', () => {
    const refusal = { kind: 'refusal', code: 'too-tired', message: 'Later.', isFinal: false };
    expect(parsed(parseFromCoordinator, refusal)).toEqual({ ok: true, value: { ...refusal, code: 'unavailable' } });
  });

  test('with keys and signatures that none can have are refused before they are decoded', () => {
    for (const part of ['publicKey', 'signature'] as const) {
      expect(parsed(parseFromAgent, { ...proof, [part]: 'A'.repeat(513) })).toMatchObject({ ok: false });
    }
  });

  test('reports are cut where they are too long, not refused', () => {
    const process = {
      pid: 4,
      name: `${'n'.repeat(255)}😀`,
      user: 'a\0b',
      command: 'c'.repeat(100_000),
      cpuCores: 1,
      memoryBytes: 1,
      threadCount: null,
      readBytesPerSecond: null,
      writeBytesPerSecond: null,
      gpuMemoryBytes: null,
    };
    const batch = {
      processes: [
        {
          atMs: 1.4,
          processCount: 9_000,
          processes: [process, ...new Array(6_000).fill({ ...process, command: 'c' })],
        },
      ],
    };
    const message = parsed(parseFromAgent, { kind: 'delivery', sequence: 1, isLate: false, batch });
    if (!message.ok || message.value?.kind !== 'delivery') throw new Error('It was refused.');
    const [snapshot] = message.value.batch.processes ?? [];
    expect(snapshot).toMatchObject({ atMs: 1, processCount: 9_000 });
    expect(snapshot?.processes).toHaveLength(5_000);
    expect(snapshot?.processes[0]).toMatchObject({ user: 'a\ufffdb', command: 'c'.repeat(4_096) });
    expect(snapshot?.processes[0]?.name).toBe(`${'n'.repeat(255)}\ufffd`);
  });

  test('an agent tells of itself; pairing, reach and loss are not its to tell', () => {
    const event = (kind: string) => ({ atMs: 1, kind, message: 'Said.' });
    const batch = { events: ['started', 'paired', 'lost', 'samples-lost', 'clock-jumped', 'hacked'].map(event) };
    expect(parsed(parseFromAgent, { kind: 'delivery', sequence: 1, isLate: false, batch })).toMatchObject({
      value: { batch: { events: [event('started'), event('clock-jumped')] } },
    });
  });

  test('whatever comes is read or refused, never thrown at', () => {
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({ kind: fc.constantFrom(...fromAgent, ...fromCoordinator).map(({ kind }) => kind) }, {})
        .chain((kind) => fc.dictionary(fc.constantFrom(...KEYS), fc.jsonValue()).map((rest) => ({ ...rest, ...kind })))
        .map((message) => JSON.stringify(message)),
      fc
        .tuple(fc.constantFrom(...fromAgent), fc.constantFrom(...KEYS), fc.jsonValue())
        .map(([message, key, value]) => JSON.stringify({ ...message, [key]: value })),
    );
    fc.assert(
      fc.property(anything, (text) => {
        for (const parse of [parseFromAgent, parseFromCoordinator]) {
          const result = parse(text);
          if (!result.ok) expect(result.error.message).toMatch(/\.$/);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

const KEYS = ['kind', 'id', 'batch', 'sequence', 'isLate', 'as', 'protocol', 'params', 'method', 'ok', '__proto__'];
