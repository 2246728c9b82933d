import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  parseComputeApp,
  parseGpuRow,
  parsePcieRow,
  queryFields,
  unknownFieldIn,
} from '../../../src/node/sampling/nvidia/query.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { fakeSmi, repeating } from './fake-smi.ts';
import { fixtureText } from './fixture-tree.ts';
import { isAlive, nvidiaWith, sysWithGpu } from './nvidia-with.ts';

const fields = queryFields('intensive', new Set());
const rows = fixtureText('nvidia-three-gpus.csv').trim().split('\n');
const h100 = 'hw.id=0000:3b:00.0,hw.name=NVIDIA H100 80GB HBM3';
/** A row as printed at standard level. */
const standardRow = '00000000:3B:00.0, 0, 97, 71234, 81559, 64, 612.45, NVIDIA H100 80GB HBM3';

describe('the text of nvidia-smi', () => {
  test('is read to the field', () => {
    expect(parseGpuRow(rows[0]!, fields)).toEqual({
      busId: '0000:3b:00.0',
      index: 0,
      name: 'NVIDIA H100 80GB HBM3',
      utilization: 0.97,
      memoryUsedBytes: 71_234 * 1_048_576,
      memoryTotalBytes: 81_559 * 1_048_576,
      temperatureCelsius: 64,
      powerWatts: 612.45,
      graphicsClockHz: 1_980e6,
      memoryClockHz: 2_619e6,
      encoderUtilization: 0,
      decoderUtilization: 0,
    });
  });

  test.each([
    [1, ['utilization', 'encoderUtilization', 'decoderUtilization']],
    [2, ['powerWatts']],
    [5, ['utilization', 'temperatureCelsius', 'powerWatts']],
  ] as const)('has no value for what the card does not tell (row %i)', (index, missing) => {
    const row = parseGpuRow(rows[index]!, fields)!;
    expect(
      Object.entries(row)
        .filter(([, value]) => value === null)
        .map(([name]) => name)
        .sort(),
    ).toEqual([...missing].sort());
  });

  test('keeps a comma that belongs to a name', () => {
    expect(
      parseGpuRow('00000000:01:00.0, 0, 1, 2, 3, 4, 5, Card, Special', queryFields('standard', new Set()))?.name,
    ).toBe('Card, Special');
  });

  test('that is none is refused', () => {
    for (const line of ['', 'garbage', 'Unable to determine the device handle', rows[0]!.slice(0, 30), `x${rows[0]}`]) {
      expect(parseGpuRow(line, fields)).toBeNull();
    }
  });

  test('names the field an old driver does not know', () => {
    expect(unknownFieldIn('Field "utilization.encoder" is not a valid field to query.')).toBe('utilization.encoder');
    expect(queryFields('intensive', new Set(['utilization.encoder']))).not.toContain('utilization.encoder');
  });

  test('tells memory by process, and PCIe traffic', () => {
    expect(parseComputeApp('4711, 1024')).toEqual({ pid: 4_711, memoryBytes: 1_073_741_824 });
    expect(parseComputeApp('4711, [N/A]')).toBeNull();
    expect(parsePcieRow('    1   250    12 ')).toEqual({
      index: 1,
      receiveBytesPerSecond: 250e6,
      transmitBytesPerSecond: 12e6,
    });
    expect(parsePcieRow('    0     -     3 ')).toMatchObject({ receiveBytesPerSecond: null });
    expect(parsePcieRow('# gpu  rxpci  txpci')).toBeNull();
  });
});

describe('GPUs', () => {
  test('are told as long as the program runs, which is started once', async () => {
    const smi = fakeSmi(tempFolder(), repeating([standardRow]));
    const { collector, read, ledger, clock } = nvidiaWith(smi);
    expect(collector.detect()).toMatchObject({ state: 'ok' });
    let values: Readonly<Record<string, number>> = {};
    for (let round = 0; round < 3; round += 1) {
      await expect
        .poll(async () => {
          values = (await read()).values;
          return Object.keys(values).length;
        })
        .toBe(6);
    }
    expect(values).toEqual({
      [`hw.gpu.utilization{${h100}}`]: 0.97,
      [`hw.gpu.memory.usage{${h100}}`]: 71_234 * 1_048_576,
      [`hw.gpu.memory.limit{${h100}}`]: 81_559 * 1_048_576,
      [`hw.gpu.memory.utilization{${h100}}`]: 71_234 / 81_559,
      [`hw.temperature{${h100},hw.type=gpu}`]: 64,
      [`hw.power{${h100},hw.type=gpu}`]: 612.45,
    });
    expect(ledger.hostWatts(clock.ms)).toBe(612.45);
    expect(smi.starts()).toEqual([
      '--query-gpu=pci.bus_id,index,utilization.gpu,memory.used,memory.total,temperature.gpu,power.draw,name --format=csv,noheader,nounits -lms 1000',
    ]);
  });

  test('at intensive level tell clocks, encoder, PCIe and memory by process', async () => {
    const script = `case "$1" in
      --query-gpu*) ${repeating(rows)} ;;
      --query-compute-apps*) ${repeating(['4711, 1024', '4712, [N/A]', '4711, 512'])} ;;
      dmon) ${repeating(['# gpu  rxpci  txpci', '# Idx   MB/s   MB/s', '    0   250    12'])} ;;
    esac`;
    const { collector, read, gpuProcesses, clock } = nvidiaWith(fakeSmi(tempFolder(), script));
    collector.detect();
    let values: Readonly<Record<string, number>> = {};
    await expect
      .poll(async () => {
        values = { ...values, ...(await read('intensive')).values };
        return values[`hw.gpu.io{${h100},network.io.direction=receive}`];
      })
      .toBe(250e6);
    expect(values[`labwatch.gpu.clock{${h100},labwatch.gpu.domain=graphics}`]).toBe(1_980e6);
    expect(
      values['hw.gpu.utilization{hw.gpu.task=encoder,hw.id=0000:af:00.0,hw.name=NVIDIA GeForce GTX 1060 6GB}'],
    ).toBe(0.03);
    expect(values['hw.gpu.utilization{hw.id=0000:86:00.0,hw.name=NVIDIA A100-PCIE-40GB}']).toBeUndefined();
    clock.ms += 300;
    await expect.poll(() => gpuProcesses.bytesOf(4_711, clock.ms) !== null).toBe(true);
    expect(gpuProcesses.bytesOf(4_712, clock.ms)).toBeNull();
  });

  test('are asked for less again when the level falls', async () => {
    const smi = fakeSmi(tempFolder(), repeating([standardRow]));
    const { collector, read, pids } = nvidiaWith(smi);
    collector.detect();
    await read('detailed');
    await expect.poll(() => [pids().length, smi.starts().length]).toEqual([2, 2]);
    const before = pids();
    await read('standard');
    await expect.poll(() => before.filter(isAlive).length).toBe(1);
    expect(smi.starts()).toHaveLength(2);
  });
});

describe('an nvidia-smi that misbehaves', () => {
  test('and dies is started again, later each time, until it works', async () => {
    const smi = fakeSmi(tempFolder(), 'echo "NVRM: something broke" >&2; exit 9');
    const { collector, read, clock } = nvidiaWith(smi);
    collector.detect();
    await expect.poll(async () => (await read()).condition.state).toBe('failing');
    expect((await read()).condition.reason).toBe('nvidia-smi ended with exit code 9: NVRM: something broke.');
    await read();
    expect(smi.starts()).toHaveLength(1);
    clock.ms += 1_000;
    await read();
    await expect.poll(() => smi.starts().length).toBe(2);
    smi.behave(repeating([standardRow]));
    await expect
      .poll(async () => {
        clock.ms += 1_000;
        return (await read()).condition.state;
      })
      .toBe('ok');
  });

  test('and hangs is ended and started again', async () => {
    const smi = fakeSmi(tempFolder(), 'trap "" TERM; while :; do sleep 0.1; done');
    const { collector, read, clock, pids } = nvidiaWith(smi);
    collector.detect();
    expect((await read()).condition.state).toBe('ok');
    const [hanging] = pids();
    clock.ms += 10_000;
    expect((await read()).condition).toMatchObject({
      state: 'failing',
      reason: 'nvidia-smi has not answered for 10 s.',
    });
    await expect.poll(() => isAlive(hanging!)).toBe(false);
    smi.behave(repeating([standardRow]));
    await expect
      .poll(async () => {
        clock.ms += 1_000;
        return Object.keys((await read()).values).length;
      })
      .toBe(6);
  });

  test('and prints garbage gives no value and says so', async () => {
    const smi = fakeSmi(
      tempFolder(),
      `printf 'binary \\001\\n'; ${repeating(['{"json": true}', standardRow.slice(0, 20)])}`,
    );
    const { collector, read, clock } = nvidiaWith(smi);
    collector.detect();
    await read();
    await expect.poll(() => smi.starts().length).toBe(1);
    await expect
      .poll(async () => {
        clock.ms += 5_000;
        return (await read()).condition.reason;
      })
      .toMatch(/^nvidia-smi answers what cannot be read: /);
    expect((await read()).values).toEqual({});
  });

  test('and does not know a field is asked without it', async () => {
    const script = `case "$1" in
      *utilization.encoder*) echo 'Field "utilization.encoder" is not a valid field to query.'; exit 2 ;;
      --query-gpu*) ${repeating([
        rows[0]!
          .split(', ')
          .filter((_, index) => index !== 9)
          .join(', '),
      ])} ;;
      *) sleep 60 ;;
    esac`;
    const { collector, read, clock } = nvidiaWith(fakeSmi(tempFolder(), script));
    collector.detect();
    await expect
      .poll(async () => {
        clock.ms += 500;
        return (await read('intensive')).values[`labwatch.gpu.clock{${h100},labwatch.gpu.domain=graphics}`];
      })
      .toBe(1_980e6);
  });

  test.each([
    ['No devices were found', 6, 'unsupported', null],
    [
      'Failed to initialize NVML: Driver/library version mismatch',
      18,
      'failing',
      'Restart the machine: the NVIDIA driver was updated while in use.',
    ],
    ['Failed to initialize NVML: Insufficient Permissions', 4, 'no permission', 'sudo usermod -aG video "$USER"'],
  ])('and says "%s" is understood', async (words, code, state, remedy) => {
    const { collector, read } = nvidiaWith(fakeSmi(tempFolder(), `echo "${words}"; exit ${code}`), sysWithGpu());
    collector.detect();
    await expect.poll(async () => (await read()).condition.state).toBe(state);
    expect((await read()).condition.remedy).toBe(remedy);
  });

  test('is ended with the collector, even if it does not want to', async () => {
    const { collector, read, pids } = nvidiaWith(fakeSmi(tempFolder(), 'trap "" TERM; while :; do sleep 0.1; done'));
    collector.detect();
    await read();
    const [pid] = pids();
    expect(isAlive(pid!)).toBe(true);
    await collector.dispose();
    expect(isAlive(pid!)).toBe(false);
    expect(pids()).toEqual([]);
  });
});

describe('without nvidia-smi', () => {
  test('a machine without a GPU has none, and one with a GPU is told what to install', () => {
    expect(nvidiaWith(null).collector.detect()).toMatchObject({ state: 'unsupported', remedy: null });
    expect(nvidiaWith(null, sysWithGpu()).collector.detect()).toMatchObject({
      state: 'unsupported',
      remedy: expect.stringContaining('nvidia-smi'),
    });
  });
});

describe('a GPU that may sleep', () => {
  const power = (sys: string, file: string) => join(sys, 'bus/pci/devices/0000:3b:00.0/power', file);

  test('and sleeps is left asleep: the program is not even started', async () => {
    const smi = fakeSmi(tempFolder(), repeating([standardRow]));
    const sys = sysWithGpu();
    writeFileSync(power(sys, 'runtime_status'), 'suspended\n');
    const { collector, read } = nvidiaWith(smi, sys);
    collector.detect();
    const { condition, values } = await read();
    expect(condition).toEqual({ state: 'ok', reason: 'Asleep, and left asleep: GPU 0000:3b:00.0.', remedy: null });
    expect([values, smi.starts()]).toEqual([{}, []]);
  });

  test('and falls asleep ends the program, and waking it starts it', async () => {
    const smi = fakeSmi(tempFolder(), repeating([standardRow]));
    const { collector, read, sys, pids } = nvidiaWith(smi, sysWithGpu());
    collector.detect();
    await read();
    const [pid] = pids();
    await expect.poll(() => smi.starts().length).toBe(1);
    writeFileSync(power(sys, 'runtime_status'), 'suspended\n');
    await read();
    await expect.poll(() => isAlive(pid!)).toBe(false);
    writeFileSync(power(sys, 'runtime_status'), 'active\n');
    await read();
    await expect.poll(() => smi.starts().length).toBe(2);
  });

  test('is left alone after a minute of idleness', async () => {
    const smi = fakeSmi(tempFolder(), repeating([standardRow.replace(', 97,', ', 0,')]));
    const sys = sysWithGpu();
    writeFileSync(power(sys, 'control'), 'auto\n');
    const { collector, read, clock, pids } = nvidiaWith(smi, sys);
    collector.detect();
    await expect.poll(async () => Object.keys((await read()).values).length).toBe(6);
    await read();
    clock.ms += 60_000;
    expect((await read()).condition.reason).toMatch(/idle/);
    await expect.poll(() => pids()).toEqual([]);
  });
});
