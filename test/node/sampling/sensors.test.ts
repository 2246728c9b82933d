import { execFile } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Collector } from '../../../src/node/sampling/collector.ts';
import { hostPowerCollector } from '../../../src/node/sampling/host-power.ts';
import { amdGpuCollector } from '../../../src/node/sampling/linux/amd-gpu.ts';
import {
  type BatteryText,
  batteryCollector,
  chargeOf,
  dischargeWattsOf,
} from '../../../src/node/sampling/linux/battery.ts';
import { hwmonCollector } from '../../../src/node/sampling/linux/hwmon.ts';
import { raplCollector } from '../../../src/node/sampling/linux/rapl.ts';
import { PowerLedger } from '../../../src/node/sampling/power-ledger.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { writeTree } from './fixture-tree.ts';
import { readAt } from './read-collector.ts';

const execute = promisify(execFile);

function rootsWith(tree: string) {
  const sys = tempFolder();
  writeTree(tree, sys);
  return { proc: '/proc', sys };
}

async function detected(collector: Collector): Promise<Collector> {
  onTestFinished(() => collector.dispose());
  expect(await collector.detect()).toMatchObject({ state: 'ok' });
  return collector;
}

describe('sensors (hwmon)', () => {
  test('at standard level tell the packages of a server and nothing else', async () => {
    const collector = await detected(hwmonCollector(rootsWith('server-128-cpus/sys.tree')));
    expect((await readAt(0, collector, 'standard')).values).toEqual({
      'hw.temperature{hw.id=coretemp.0/temp1,hw.name=Package id 0,hw.type=cpu}': 61,
      'hw.temperature{hw.id=coretemp.1/temp1,hw.name=Package id 1,hw.type=cpu}': 58,
    });
  });

  test('at detailed level tell cores, disks, boards and fans', async () => {
    const collector = await detected(hwmonCollector(rootsWith('server-128-cpus/sys.tree')));
    const { values } = await readAt(0, collector, 'detailed');
    expect(values).toMatchObject({
      'hw.temperature{hw.id=coretemp.1/temp3,hw.name=Core 1,hw.type=cpu}': 53,
      'hw.temperature{hw.id=nvme0/temp1,hw.name=Composite,hw.type=physical_disk}': 41.85,
      'hw.temperature{hw.id=nct6775/temp1,hw.name=nct6775 temp1,hw.type=other}': 34,
      'hw.fan.speed{hw.id=nct6775/fan1,hw.name=nct6775 fan1}': 1_210,
      'hw.fan.speed{hw.id=nct6775/fan2,hw.name=nct6775 fan2}': 0,
    });
    expect(Object.keys(values)).toHaveLength(11);
  });

  test('prefer the die of an AMD CPU to the value that carries an offset', async () => {
    const collector = await detected(hwmonCollector(rootsWith('laptop.tree')));
    expect((await readAt(0, collector, 'standard')).values).toEqual({
      'hw.temperature{hw.id=k10temp/temp2,hw.name=Tdie,hw.type=cpu}': 62.25,
    });
  });

  test('that answer nothing readable have no series, and when none answers that is a failure', async () => {
    const roots = rootsWith('laptop.tree');
    const collector = await detected(hwmonCollector(roots));
    writeFileSync(join(roots.sys, 'class/hwmon/hwmon3/temp2_input'), '');
    const { values, condition } = await readAt(0, collector, 'standard');
    expect(values).toEqual({});
    expect(condition).toMatchObject({ state: 'failing' });
  });

  test('are not supported where there are none', async () => {
    expect(await hwmonCollector({ proc: '/proc', sys: tempFolder() }).detect()).toMatchObject({ state: 'unsupported' });
  });
});

describe('energy counters (RAPL)', () => {
  const energyFile = (sys: string, zone: string) => join(sys, 'class/powercap', zone, 'energy_uj');

  test('give the power of packages and memory, also across the end of their range', async () => {
    const roots = rootsWith('server-128-cpus/sys.tree');
    const ledger = new PowerLedger();
    const collector = await detected(raplCollector(roots, ledger));
    expect((await readAt(0, collector)).values).toEqual({});
    // 200 W over 2 s; the first package's counter starts again at 0 after 262143328850 µJ.
    writeFileSync(energyFile(roots.sys, 'intel-rapl:0'), String(262_143_000_000 + 400_000_000 - 262_143_328_850));
    writeFileSync(energyFile(roots.sys, 'intel-rapl:1'), String(1_000_000 + 300_000_000));
    writeFileSync(energyFile(roots.sys, 'intel-rapl:0:0'), String(5_000_000 + 20_000_000));
    const { values } = await readAt(2_000, collector);
    expect(values).toEqual({
      'hw.power{hw.id=intel-rapl:0,hw.name=package-0,hw.type=cpu}': 200,
      'hw.power{hw.id=intel-rapl:1,hw.name=package-1,hw.type=cpu}': 150,
      'hw.power{hw.id=intel-rapl:0:0,hw.name=dram,hw.type=memory}': 10,
      'hw.power{hw.id=intel-rapl:1:0,hw.name=dram,hw.type=memory}': 0,
    });
    expect(ledger.hostWatts(2_000)).toBe(360);
  });

  test('give nothing after a reset, and go on afterwards', async () => {
    const roots = rootsWith('server-128-cpus/sys.tree');
    const collector = await detected(raplCollector(roots, new PowerLedger()));
    const key = 'hw.power{hw.id=intel-rapl:1,hw.name=package-1,hw.type=cpu}';
    writeFileSync(energyFile(roots.sys, 'intel-rapl:1'), '90000000000');
    await readAt(0, collector);
    writeFileSync(energyFile(roots.sys, 'intel-rapl:1'), '5');
    expect((await readAt(1_000, collector)).values[key]).toBeUndefined();
    writeFileSync(energyFile(roots.sys, 'intel-rapl:1'), '50000005');
    expect((await readAt(2_000, collector)).values[key]).toBe(50);
  });

  test('of the platform stand for the host, alone', async () => {
    const roots = rootsWith('laptop.tree');
    const ledger = new PowerLedger();
    const collector = await detected(raplCollector(roots, ledger));
    await readAt(0, collector);
    writeFileSync(energyFile(roots.sys, 'intel-rapl:0'), String(1_000_000 + 12_000_000));
    writeFileSync(energyFile(roots.sys, 'intel-rapl:1'), String(9_000_000 + 31_000_000));
    const { values } = await readAt(1_000, collector);
    expect(values).toEqual({ 'hw.power{hw.id=intel-rapl:0,hw.name=package-0,hw.type=cpu}': 12 });
    expect(ledger.hostWatts(1_000)).toBe(31);
  });

  test('that only root may read say so, with the command that grants it', async () => {
    expect(process.getuid?.(), 'This test changes to another user, which takes root.').toBe(0);
    const roots = rootsWith('server-128-cpus/sys.tree');
    chmodSync(roots.sys, 0o755);
    for (const zone of ['intel-rapl:0', 'intel-rapl:1', 'intel-rapl:0:0', 'intel-rapl:1:0']) {
      chmodSync(energyFile(roots.sys, zone), 0o400);
    }
    const source = (path: string) => new URL(`../../../src/node/sampling/${path}`, import.meta.url).href;
    const script = `
      const { raplCollector } = await import('${source('linux/rapl.ts')}');
      const { PowerLedger } = await import('${source('power-ledger.ts')}');
      process.setuid(65534);
      const collector = raplCollector({ proc: '/proc', sys: process.argv[1] }, new PowerLedger());
      console.log(JSON.stringify(await collector.detect()));`;
    const { stdout } = await execute(process.execPath, ['--input-type=module', '-e', script, roots.sys]);
    expect(JSON.parse(stdout)).toEqual({
      state: 'no permission',
      reason: 'Only root may read the energy counters of the CPU (RAPL).',
      remedy: `sudo chmod a+r ${roots.sys}/class/powercap/*/energy_uj`,
    });
  });
});

describe('batteries', () => {
  const silent: BatteryText = {
    status: null,
    capacity: null,
    energy_now: null,
    energy_full: null,
    charge_now: null,
    charge_full: null,
    power_now: null,
    current_now: null,
    voltage_now: null,
  };

  test('of a laptop tell their charge; a mouse does not count', async () => {
    const ledger = new PowerLedger();
    const collector = await detected(batteryCollector(rootsWith('laptop.tree'), ledger));
    expect((await readAt(0, collector, 'standard')).values).toEqual({
      'hw.battery.charge{hw.id=BAT0}': 0.81,
      'hw.battery.charge{hw.id=BAT1}': 1,
    });
    expect(ledger.hostWatts(0)).toBe(11.34);
  });

  test('may count in ampere hours and tell a negative current', () => {
    const text = { ...silent, status: 'Discharging', charge_now: '1500000', charge_full: '3000000' };
    expect(chargeOf(text)).toBe(0.5);
    expect(dischargeWattsOf({ ...text, current_now: '-2000000', voltage_now: '11500000' })).toBe(23);
  });

  test('that are charged tell no power of the machine', () => {
    expect(dischargeWattsOf({ ...silent, status: 'Charging', power_now: '30000000' })).toBeNull();
  });

  test('that tell nothing have no charge', () => {
    expect(chargeOf(silent)).toBeNull();
    expect(dischargeWattsOf({ ...silent, status: 'Discharging' })).toBeNull();
  });
});

describe('an AMD GPU', () => {
  const card = 'hw.id=0000:03:00.0,hw.name=AMD Radeon PRO W7900';

  test('at work tells all it has, and the one asleep is not read', async () => {
    const ledger = new PowerLedger();
    const collector = await detected(amdGpuCollector(rootsWith('amd-gpu.tree'), ledger));
    const { values, condition } = await readAt(0, collector, 'intensive');
    expect(values).toEqual({
      [`hw.gpu.utilization{${card}}`]: 0.87,
      [`hw.gpu.memory.usage{${card}}`]: 12_884_901_888,
      [`hw.gpu.memory.limit{${card}}`]: 51_522_830_336,
      [`hw.gpu.memory.utilization{${card}}`]: 12_884_901_888 / 51_522_830_336,
      [`hw.temperature{${card},hw.type=gpu}`]: 64,
      [`hw.power{${card},hw.type=gpu}`]: 187,
      [`labwatch.gpu.clock{${card},labwatch.gpu.domain=graphics}`]: 2_482_000_000,
      [`labwatch.gpu.clock{${card},labwatch.gpu.domain=memory}`]: 1_124_000_000,
      'hw.fan.speed{hw.id=0000:03:00.0/fan1,hw.name=GPU fan}': 1_520,
    });
    expect(condition).toEqual({ state: 'ok', reason: 'Asleep, and left asleep: GPU 0000:0c:00.0.', remedy: null });
    expect(ledger.hostWatts(0)).toBe(187);
  });

  test('that falls asleep keeps only its reason', async () => {
    const roots = rootsWith('amd-gpu.tree');
    const collector = await detected(amdGpuCollector(roots, new PowerLedger()));
    writeFileSync(join(roots.sys, 'devices/0000:03:00.0/power/runtime_status'), 'suspended\n');
    const { values, condition } = await readAt(0, collector, 'intensive');
    expect(values).toEqual({});
    expect(condition.reason).toBe('Asleep, and left asleep: GPU 0000:03:00.0, 0000:0c:00.0.');
  });

  test('at standard level tells no clocks and no fan', async () => {
    const collector = await detected(amdGpuCollector(rootsWith('amd-gpu.tree'), new PowerLedger()));
    const { values } = await readAt(0, collector, 'standard');
    expect(Object.keys(values).some((key) => /clock|fan/.test(key))).toBe(false);
  });

  test('is not found on a machine without one', async () => {
    expect(await amdGpuCollector(rootsWith('laptop.tree'), new PowerLedger()).detect()).toMatchObject({
      state: 'unsupported',
    });
  });
});

describe('the power of the host', () => {
  test('is the sum of what is measured, and its energy the integral', async () => {
    const ledger = new PowerLedger();
    const collector = hostPowerCollector(ledger);
    ledger.reportPart('package', 100, 0);
    ledger.reportPart('gpu', 250, 0);
    expect((await readAt(0, collector)).values).toEqual({ 'hw.host.power': 350, 'hw.host.energy': 0 });
    ledger.reportPart('gpu', 150, 2_000);
    expect((await readAt(2_000, collector)).values).toEqual({ 'hw.host.power': 250, 'hw.host.energy': 500 });
  });

  test('gains no energy while the machine slept', async () => {
    const ledger = new PowerLedger();
    const collector = hostPowerCollector(ledger);
    ledger.reportPart('package', 100, 0);
    await readAt(0, collector);
    collector.reset();
    ledger.reportPart('package', 100, 10_000);
    expect((await readAt(10_000, collector)).values['hw.host.energy']).toBe(0);
  });

  test('does not count a part that stopped reporting', async () => {
    const ledger = new PowerLedger();
    ledger.reportPart('package', 100, 0);
    ledger.reportPart('gpu', 250, 20_000);
    expect(ledger.hostWatts(20_000)).toBe(250);
    expect(ledger.hostWatts(60_000)).toBeNull();
  });

  test('is not supported once nothing reported for a while', async () => {
    const collector = hostPowerCollector(new PowerLedger());
    expect((await readAt(0, collector)).condition.state).toBe('ok');
    expect((await readAt(10_000, collector)).condition.state).toBe('unsupported');
  });
});
