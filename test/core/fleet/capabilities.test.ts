import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { capabilitiesOf } from '../../../src/core/fleet/capabilities.ts';
import { hardwareFingerprint } from '../../../src/core/fleet/hardware-fingerprint.ts';
import { instructionSetsFrom } from '../../../src/core/fleet/instruction-sets.ts';
import { completeInventory, type Inventory } from '../../../src/core/fleet/inventory.ts';
import { installedMemoryBytes } from '../../../src/core/fleet/memory-size.ts';
import { parseRequirement, satisfies } from '../../../src/core/fleet/requirement.ts';
import { SOFTWARE, SOFTWARE_NAMES } from '../../../src/core/fleet/software.ts';
import { readProjectFile } from '../../support/source.ts';
import { GIB, MACHINE, RTX_4090 } from './a-machine.ts';

describe('the capabilities of a machine', () => {
  test('name its system, processor, memory, GPUs and programs, each once', () => {
    expect(capabilitiesOf(MACHINE)).toEqual([
      'os.linux',
      'os.debian=12',
      'kernel=6.1.0',
      'arch.x64',
      'cpu.cores=16',
      'cpu.threads=32',
      'cpu.l2=8MiB',
      'cpu.l3=128MiB',
      'avx',
      'avx2',
      'memory=64GiB',
      'gpu.nvidia',
      'gpu.count=2',
      'gpu.compute=8.9',
      'gpu.memory=24GiB',
      'gpu.driver=550.54.14',
      'cuda.driver=12.4',
      'container.docker=24.0.7',
      'python=3.11.2',
      'python=3.12.1',
      'cuda.toolkit=12.2.140',
      'compiler.gcc=12.2.0',
      'compiler.node',
    ]);
  });

  test('leave out what is not known, and graphics on which nobody computes', () => {
    const vague = completeInventory({
      ...MACHINE,
      os: { platform: 'darwin', distribution: 'macOS', release: '15.1', kernel: '24.1.0', arch: 'arm64' },
      cpu: { model: 'Apple M4', physicalCores: null, logicalCores: 10, maxFrequencyHz: null },
      gpus: [{ vendor: 'ASPEED Technology', model: 'ASPEED Graphics Family', memoryBytes: null, driver: null }],
      cudaDriverVersion: undefined,
      software: undefined,
    });
    expect(capabilitiesOf(vague)).toEqual(['os.macos', 'arch.arm64', 'cpu.threads=10', 'memory=64GiB']);
  });

  test('are such as a requirement can ask for, whatever a machine calls itself', () => {
    const anything = fc.string({ unit: 'grapheme', maxLength: 60 });
    const machine = fc.record({ distribution: anything, kernel: anything, arch: anything, platform: anything });
    fc.assert(
      fc.property(machine, anything, fc.double({ min: 0, max: 1e18, noNaN: true }), (os, model, memoryBytes) => {
        const gpus = [{ ...RTX_4090, model, memoryBytes, driver: model, computeCapability: os.kernel }];
        const inventory: Inventory = { ...MACHINE, os: { ...os, release: model }, memoryBytes, gpus };
        const capabilities = capabilitiesOf(inventory);
        expect(new Set(capabilities).size).toBe(capabilities.length);
        for (const capability of capabilities) {
          const asked = parseRequirement(capability);
          expect(asked.ok && satisfies(capabilities, asked.value), capability).toBe(true);
        }
      }),
    );
  });

  test('stand in docs/capabilities.md, every name of them', () => {
    const document = readProjectFile('docs/capabilities.md');
    const names = capabilitiesOf(MACHINE)
      .map((capability) => capability.split('=')[0] ?? '')
      .filter((name) => name !== 'os.debian');
    const programs = SOFTWARE_NAMES.map((name) => SOFTWARE[name].capability);
    const sets = instructionSetsFrom(
      'pni ssse3 sse4_1 sse4_2 avx f16c fma avx2 bmi2 avx_vnni avx512f avx512bw avx512cd avx512dq avx512vl avx512_vnni ' +
        'avx512_bf16 avx512_fp16 amx_tile amx_bf16 amx_int8 aes sha_ni asimd asimddp asimdhp i8mm bf16 sve sve2 sme',
    );
    expect(sets).toHaveLength(32);
    expect([...names, ...programs, ...sets].filter((name) => !document.includes(`\`${name}\``))).toEqual([]);
  });
});

describe('instruction sets', () => {
  test('go by the names that programs ask for, from the words of either kind of processor', () => {
    expect(instructionSetsFrom('fpu sse2 pni sse4_2 avx2 avx512f avx512_vnni amx_tile')).toEqual([
      'sse3',
      'sse4.2',
      'avx2',
      'avx512',
      'avx512f',
      'avx512vnni',
      'amx',
    ]);
    expect(instructionSetsFrom(' fp asimd evtstrm aes sha2 sve ')).toEqual(['aes', 'sha', 'neon', 'sve']);
    expect(instructionSetsFrom('')).toEqual([]);
  });
});

describe('installed memory', () => {
  test.each([
    [62.7, 64],
    [125.6, 128],
    [31.2, 32],
    [15.4, 16],
    [251.5, 256],
    [94.1, 96],
    [64, 64],
  ])('of %s GiB that the kernel leaves is %s GiB', (left, installed) => {
    expect(installedMemoryBytes(left * GIB)).toBe(installed * GIB);
  });
});

describe('the fingerprint of the hardware', () => {
  const fingerprint = hardwareFingerprint(MACHINE);

  test('is sixteen hex digits in groups of four', () => {
    expect(fingerprint).toMatch(/^[0-9a-f]{4}( [0-9a-f]{4}){3}$/);
  });

  test('does not depend on the order in which parts are found', () => {
    const shuffled = <Item>(items: readonly Item[]) => fc.shuffledSubarray([...items], { minLength: items.length });
    fc.assert(
      fc.property(shuffled(MACHINE.gpus), shuffled(MACHINE.disks), shuffled(MACHINE.nics), (gpus, disks, nics) => {
        expect(hardwareFingerprint({ ...MACHINE, gpus, disks, nics })).toBe(fingerprint);
      }),
    );
  });

  test('outlives updates, new names, letters and networks, and a kernel that keeps a little more memory', () => {
    const later: Inventory = {
      ...MACHINE,
      atMs: 9_000,
      hostName: 'renamed',
      os: { ...MACHINE.os, release: '13', kernel: '6.12.1' },
      cpu: { ...MACHINE.cpu, maxFrequencyHz: 2e9, instructionSets: null, caches: null },
      memoryBytes: 62.4 * GIB,
      swapBytes: 0,
      gpus: MACHINE.gpus.map((gpu) => ({ ...gpu, driver: '560.28', address: null })),
      cudaDriverVersion: '12.6',
      disks: MACHINE.disks.map((disk, index) => ({ ...disk, device: `/dev/sd${'xy'[index]}` })),
      nics: [...MACHINE.nics.slice(0, 1), { name: 'veth9', macAddress: null, speedBitsPerSecond: 1, isVirtual: true }],
      software: [],
    };
    expect(hardwareFingerprint(later)).toBe(fingerprint);
  });

  test.each<[string, Partial<Inventory>]>([
    ['a card less', { gpus: MACHINE.gpus.slice(1) }],
    ['half the memory', { memoryBytes: 31 * GIB }],
    ['another disk', { disks: MACHINE.disks.slice(1) }],
    ['another network card', { nics: [{ ...MACHINE.nics[0]!, macAddress: '3c:ec:ef:00:00:02' }] }],
    ['another processor', { cpu: { ...MACHINE.cpu, model: 'AMD EPYC 9554' } }],
  ])('is another with %s', (_what, change) => {
    expect(hardwareFingerprint({ ...MACHINE, ...change })).not.toBe(fingerprint);
  });
});
