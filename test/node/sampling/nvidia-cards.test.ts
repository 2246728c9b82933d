import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Gpu } from '../../../src/core/fleet/inventory.ts';
import { askNvidiaCards, withNvidiaCards } from '../../../src/node/sampling/inventory/nvidia-cards.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { fakeSmi } from './fake-smi.ts';

const HEAD = '| NVIDIA-SMI 550.54.14     Driver Version: 550.54.14      CUDA Version: 12.4     |';

/** The program: `rows` for queries, the head of its table otherwise. */
function smiWith(rows: readonly string[], head = HEAD): string {
  const lines = (texts: readonly string[]) => texts.map((text) => `printf '%s\\n' '${text}'`).join('\n');
  return `case "$1" in --query-gpu=*)\n${lines(rows)}\n;; *)\n${lines([head])}\n;; esac`;
}

const ROWS = [
  '00000000:01:00.0, 8.9, 550.54.14, 24564, NVIDIA GeForce RTX 4090',
  '00000000:81:00.0, 9.0, 550.54.14, 81559, NVIDIA H100, the large one',
];

/** A PCI bus with NVIDIA cards at these places. */
function busWith(...places: readonly string[]): string {
  const root = tempFolder();
  for (const place of places) {
    const device = join(root, 'bus/pci/devices', place);
    mkdirSync(device, { recursive: true });
    writeFileSync(join(device, 'vendor'), '0x10de\n');
    writeFileSync(join(device, 'class'), '0x030200\n');
  }
  return root;
}

const fromLibrary: Gpu = {
  vendor: 'NVIDIA Corporation',
  model: 'AD102 [GeForce RTX 4090]',
  memoryBytes: 2 ** 28,
  driver: null,
  computeCapability: null,
  address: '0000:01:00.0',
};
const aspeed: Gpu = { ...fromLibrary, vendor: 'ASPEED', model: 'ASPEED Graphics', address: '0000:03:00.0' };

describe('NVIDIA’s own program', () => {
  test('tells what each card can compute, its driver, and the CUDA that it can run', async () => {
    const { folder } = fakeSmi(tempFolder(), smiWith(ROWS));
    const cards = await askNvidiaCards([folder], '/nonexistent');
    expect(cards.cudaDriverVersion).toBe('12.4');
    expect(cards.gpus).toEqual([
      {
        vendor: 'NVIDIA',
        model: 'NVIDIA GeForce RTX 4090',
        memoryBytes: 24_564 * 2 ** 20,
        driver: '550.54.14',
        computeCapability: '8.9',
        address: '0000:01:00.0',
      },
      expect.objectContaining({ model: 'NVIDIA H100, the large one', computeCapability: '9.0' }),
    ]);
  });

  test('of an old driver, which does not know the first, tells the rest', async () => {
    const script = `case "$1" in *compute_cap*) echo 'Field "compute_cap" is not a valid field to query.'; exit 2 ;; esac\n${smiWith(
      ['00000000:01:00.0, 390.157, 8112, GeForce GTX 1080'],
      '| CUDA Version: N/A |',
    )}`;
    const { folder } = fakeSmi(tempFolder(), script);
    expect(await askNvidiaCards([folder], '/nonexistent')).toMatchObject({
      cudaDriverVersion: null,
      gpus: [{ model: 'GeForce GTX 1080', driver: '390.157', computeCapability: null }],
    });
  });

  test.each([
    ['prints garbage', 'head -c 100000 /dev/urandom'],
    ['fails', 'echo "Failed to initialize NVML: Driver/library version mismatch"; exit 18'],
    ['knows no values', smiWith(['00000000:01:00.0, [N/A], [N/A], [N/A], [Unknown]'])],
  ])('that %s leaves the cards on the bus without what is not known', async (_how, script) => {
    const { folder } = fakeSmi(tempFolder(), script);
    const { gpus } = await askNvidiaCards([folder], busWith('0000:01:00.0'));
    expect(gpus).toMatchObject([
      { vendor: 'NVIDIA', memoryBytes: null, driver: null, computeCapability: null, address: '0000:01:00.0' },
    ]);
  });

  test('that is missing is no trouble where there are no cards', async () => {
    expect(await askNvidiaCards([tempFolder()], '/nonexistent')).toEqual({ gpus: [], cudaDriverVersion: null });
  });
});

describe('what the library knows of cards', () => {
  test('is replaced, at the same place, and completed by what it missed', async () => {
    const { folder } = fakeSmi(tempFolder(), smiWith(ROWS));
    const cards = await askNvidiaCards([folder], '/nonexistent');
    const all = withNvidiaCards([aspeed, fromLibrary], cards);
    expect(all.map(({ model }) => model)).toEqual([
      'ASPEED Graphics',
      'NVIDIA GeForce RTX 4090',
      'NVIDIA H100, the large one',
    ]);
    const placeless = { ...fromLibrary, address: null };
    expect(withNvidiaCards([placeless], cards)).toHaveLength(2);
  });

  test('stays where the program does not answer', async () => {
    const silent = await askNvidiaCards([tempFolder()], busWith('0000:01:00.0', '0000:81:00.0'));
    expect(withNvidiaCards([fromLibrary], silent).map(({ model }) => model)).toEqual(['AD102 [GeForce RTX 4090]', '']);
  });
});
