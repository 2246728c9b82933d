import { describe, expect, test } from 'vitest';
import { type DiskReading, isStackedDevice, parseDiskstats } from '../../../src/node/sampling/linux/parse/diskstats.ts';
import { emptyMemory, parseMeminfo } from '../../../src/node/sampling/linux/parse/meminfo.ts';
import { parseMounts } from '../../../src/node/sampling/linux/parse/mounts.ts';
import { isInnerInterface, type NetworkReading, parseNetDev } from '../../../src/node/sampling/linux/parse/net-dev.ts';
import { parsePressure } from '../../../src/node/sampling/linux/parse/pressure.ts';
import { emptyStat, parseStat } from '../../../src/node/sampling/linux/parse/stat.ts';
import { parseVmstat } from '../../../src/node/sampling/linux/parse/vmstat.ts';
import { kernelUnitsFrom } from '../../../src/node/sampling/linux/roots.ts';
import { cursorOf, treeCursor, treeFiles } from './fixture-tree.ts';

const vm = 'vm-2-cpus/proc-before.tree';
const server = 'server-128-cpus/proc-before.tree';

function disksOf(name: string): Map<string, DiskReading> {
  const disks = new Map<string, DiskReading>();
  parseDiskstats(treeCursor(name, 'diskstats'), (device, reading) => disks.set(device, { ...reading }));
  return disks;
}

function interfacesOf(text: string): Map<string, NetworkReading> {
  const interfaces = new Map<string, NetworkReading>();
  parseNetDev(cursorOf(text), (name, reading) => interfaces.set(name, { ...reading }));
  return interfaces;
}

describe('/proc/stat', () => {
  test('of the virtual machine has two CPUs that add up to the whole', () => {
    const stat = emptyStat();
    expect(parseStat(treeCursor(vm, 'stat'), 'all', stat)).toBe(true);
    expect(stat.cpuNumbers).toEqual([0, 1]);
    for (let mode = 0; mode < 8; mode += 1) {
      // The kernel rounds each line by itself.
      expect(Math.abs(stat.total[mode]! - stat.ticks[mode]! - stat.ticks[8 + mode]!)).toBeLessThanOrEqual(2);
    }
    expect(stat.contextSwitches).toBeGreaterThan(100_000);
    expect(stat.interrupts).toBeGreaterThan(100_000);
  });

  test('of the server skips the CPU that is off line', () => {
    const stat = emptyStat();
    parseStat(treeCursor(server, 'stat'), 'all', stat);
    expect(stat.cpuNumbers).toHaveLength(127);
    expect(stat.cpuNumbers).not.toContain(77);
    expect(stat.cpuNumbers.at(-1)).toBe(127);
    expect(stat.contextSwitches).toBe(187_654_321_098);
    expect(stat.interrupts).toBe(98_765_432_101);
  });

  test('of an old kernel lacks columns, which count as nothing', () => {
    const stat = emptyStat();
    expect(parseStat(cursorOf('cpu  10 20 30 40\ncpu0 10 20 30 40\n'), 'per-cpu', stat)).toBe(true);
    expect([...stat.total]).toEqual([10, 20, 30, 40, 0, 0, 0, 0]);
  });

  test('is refused when it does not begin as it should', () => {
    expect(parseStat(cursorOf(''), 'total', emptyStat())).toBe(false);
    expect(parseStat(cursorOf('cpu0 1 2 3 4\n'), 'total', emptyStat())).toBe(false);
    expect(parseStat(cursorOf('intr 5\n'), 'total', emptyStat())).toBe(false);
  });
});

describe('/proc/meminfo', () => {
  test('of the virtual machine has no swap', () => {
    const memory = emptyMemory();
    expect(parseMeminfo(treeCursor(vm, 'meminfo'), memory)).toBe(true);
    expect(memory.swapTotalBytes).toBe(0);
    expect(memory.totalBytes).toBe(25_276_026_880);
    expect(memory.availableBytes).toBeGreaterThan(memory.freeBytes);
  });

  test('of the server is read to the byte', () => {
    const memory = emptyMemory();
    parseMeminfo(treeCursor(server, 'meminfo'), memory);
    expect(memory).toEqual({
      totalBytes: 528_239_184 * 1_024,
      freeBytes: 41_210_984 * 1_024,
      availableBytes: 402_117_728 * 1_024,
      buffersBytes: 1_234_560 * 1_024,
      cachedBytes: 352_345_672 * 1_024,
      reclaimableBytes: 14_123_456 * 1_024,
      swapTotalBytes: 33_554_428 * 1_024,
      swapFreeBytes: 30_932_992 * 1_024,
    });
  });

  test('without MemAvailable gives what free, buffers and cached add up to', () => {
    const memory = emptyMemory();
    parseMeminfo(cursorOf('MemTotal: 100 kB\nMemFree: 10 kB\nBuffers: 5 kB\nCached: 20 kB\n'), memory);
    expect(memory.availableBytes).toBe(35 * 1_024);
  });

  test('is refused without a total', () => {
    expect(parseMeminfo(cursorOf('MemFree: 10 kB\n'), emptyMemory())).toBe(false);
  });
});

describe('/proc/diskstats', () => {
  test('of the virtual machine tells bytes in sectors of 512', () => {
    const vda = disksOf(vm).get('vda')!;
    expect(vda.readBytes % 512).toBe(0);
    expect(vda.reads).toBeGreaterThan(0);
  });

  test('of the server tells every column', () => {
    expect(disksOf(server).get('nvme0n1')).toEqual({
      reads: 91_234_567,
      readBytes: 9_876_543_210 * 512,
      readMs: 45_678_901,
      writes: 81_234_567,
      writtenBytes: 8_765_432_109 * 512,
      writeMs: 98_765_432,
      busyMs: 34_567_890,
    });
  });

  test('skips lines it cannot read', () => {
    const names: string[] = [];
    parseDiskstats(cursorOf('\n 8 0 sda 1 2\n 8 16 sdb 1 0 8 1 1 0 8 1 0 2 2\n'), (name) => names.push(name));
    expect(names).toEqual(['sdb']);
  });

  test('names devices that stand on others or on memory', () => {
    expect(['loop0', 'ram3', 'zram0', 'dm-12', 'md127', 'sr0'].every(isStackedDevice)).toBe(true);
    expect(['sda', 'vda', 'nvme0n1', 'mmcblk0', 'mdraid'].some(isStackedDevice)).toBe(false);
  });
});

describe('/proc/net/dev', () => {
  test('of the server is read although a large counter touches the colon', () => {
    const { receivedBytes, receiveErrors, receiveDropped, sentBytes, sentPackets } = interfacesOf(
      treeFiles(server).get('net/dev')!,
    ).get('eno1')!;
    expect([receivedBytes, receiveErrors, receiveDropped]).toEqual([81_234_567_890_123, 3, 17]);
    expect([sentBytes, sentPackets]).toEqual([71_234_567_890_123, 46_789_012_345]);
  });

  test('of the virtual machine has loopback and a card', () => {
    expect([...interfacesOf(treeFiles(vm).get('net/dev')!).keys()]).toEqual(['lo', 'ifb0', 'ifb1', 'eth0']);
  });

  test('keeps a colon that belongs to a name', () => {
    const text = `heading\nheading\n eth0:1: ${Array.from({ length: 16 }, (_, index) => index).join(' ')}\n`;
    expect([...interfacesOf(text).keys()]).toEqual(['eth0:1']);
  });

  test('has inner interfaces that repeat what others count', () => {
    expect(['lo', 'veth1a2b3c4', 'cali123', 'lxc9', 'vnet0'].every(isInnerInterface)).toBe(true);
    expect(['eth0', 'eno1', 'docker0', 'br-12', 'wlan0', 'lorawan0'].some(isInnerInterface)).toBe(false);
  });
});

describe('/proc/vmstat and /proc/pressure', () => {
  test('of the server tell paging', () => {
    const paging = { swappedIn: 0, swappedOut: 0, faults: 0, majorFaults: 0 };
    parseVmstat(treeCursor(server, 'vmstat'), paging);
    const { swappedIn, swappedOut, faults, majorFaults } = paging;
    expect([swappedIn, swappedOut, faults, majorFaults]).toEqual([1_048_576, 2_097_152, 98_765_432_101, 1_234_567]);
  });

  test('of a kernel without swap tell no swapping', () => {
    const paging = { swappedIn: 0, swappedOut: 0, faults: 0, majorFaults: 0 };
    parseVmstat(cursorOf('pgfault 7\n'), paging);
    expect([paging.swappedIn, paging.faults]).toEqual([Number.NaN, 7]);
  });

  test('tell stalls by their totals', () => {
    const pressure = { someTotalUs: 0, fullTotalUs: 0 };
    parsePressure(treeCursor(server, 'pressure/memory'), pressure);
    expect(pressure).toEqual({ someTotalUs: 1_234, fullTotalUs: 1_000 });
    parsePressure(treeCursor(vm, 'pressure/cpu'), pressure);
    expect(pressure.someTotalUs).toBeGreaterThan(0);
    parsePressure(cursorOf('some avg10=0.00 total=5'), pressure);
    expect([pressure.someTotalUs, pressure.fullTotalUs]).toEqual([5, Number.NaN]);
    parsePressure(cursorOf('some avg10=0.00\n'), pressure);
    expect(pressure.someTotalUs).toBe(Number.NaN);
  });
});

describe('/proc/self/mounts', () => {
  test('of the virtual machine holds one real filesystem', () => {
    expect(parseMounts(treeFiles(vm).get('self/mounts')!).map(({ mountPoint }) => mountPoint)).toEqual(['/']);
  });

  test('of the server gives each real filesystem once, under its shortest path', () => {
    expect(parseMounts(treeFiles(server).get('self/mounts')!)).toEqual([
      { source: '/dev/mapper/vg0-root', mountPoint: '/', type: 'ext4', isRemote: false },
      { source: '/dev/nvme0n1p1', mountPoint: '/boot/efi', type: 'vfat', isRemote: false },
      { source: 'nas.example:/export/home', mountPoint: '/home', type: 'nfs4', isRemote: true },
      { source: '/dev/md127', mountPoint: '/mnt/lab data\\old', type: 'ext4', isRemote: false },
      { source: '/dev/mapper/vg0-scratch', mountPoint: '/scratch', type: 'xfs', isRemote: false },
      { source: 'tank/home', mountPoint: '/tank/home', type: 'zfs', isRemote: false },
    ]);
  });

  test('of a container has / although it is an overlay', () => {
    const mounts = parseMounts('overlay / overlay rw 0 0\n/dev/sda1 /data ext4 rw 0 0\ntmpfs /tmp tmpfs rw 0 0\n');
    expect(mounts.map(({ mountPoint }) => mountPoint)).toEqual(['/', '/data']);
  });

  test('keeps names beyond ASCII', () => {
    expect(parseMounts('/dev/sdb1 /mnt/Mess\\040größen ext4 rw 0 0')[0]?.mountPoint).toBe('/mnt/Mess größen');
  });
});

test('the auxiliary vector tells the page size and the tick', () => {
  const auxv = Buffer.alloc(48);
  auxv.writeBigUInt64LE(6n, 0);
  auxv.writeBigUInt64LE(65_536n, 8);
  auxv.writeBigUInt64LE(17n, 16);
  auxv.writeBigUInt64LE(1_024n, 24);
  expect(kernelUnitsFrom(auxv)).toEqual({ pageBytes: 65_536, ticksPerSecond: 1_024 });
  expect(kernelUnitsFrom(Buffer.alloc(0))).toEqual({ pageBytes: 4_096, ticksPerSecond: 100 });
});
