import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Level } from '../../../src/core/metrics/level.ts';
import type { ProcessSample } from '../../../src/core/metrics/sample.ts';
import type { Collector } from '../../../src/node/sampling/collector.ts';
import { heaviest } from '../../../src/node/sampling/heaviest.ts';
import { parseProcessIo } from '../../../src/node/sampling/linux/parse/process-io.ts';
import { emptyProcess, parseProcessStat } from '../../../src/node/sampling/linux/parse/process-stat.ts';
import { parseCmdline, parsePasswd, processName } from '../../../src/node/sampling/linux/parse/process-text.ts';
import { processesCollector } from '../../../src/node/sampling/linux/processes.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { cursorOf } from './fixture-tree.ts';
import { readAt, readNow } from './read-collector.ts';

const units = { pageBytes: 4_096, ticksPerSecond: 100 };
const noGpu = { bytesOf: () => null };

function collectorOf(procRoot = '/proc', gpuMemory: { bytesOf(pid: number): number | null } = noGpu): Collector {
  const collector = processesCollector({ proc: procRoot, sys: '/sys' }, units, gpuMemory);
  onTestFinished(() => collector.dispose());
  return collector;
}

/** A process that runs until the test ends. */
function run(command: string, args: readonly string[], options: { readonly argv0?: string } = {}): number {
  // A group of its own, so that its children end with it.
  const { pid } = spawn(command, args, { stdio: 'ignore', detached: true, ...options });
  onTestFinished(() => void process.kill(-pid!, 'SIGKILL'));
  return pid!;
}

/** Scans until the process shows a command line of its own. */
async function seen(collector: Collector, pid: number, level: Level = 'intensive'): Promise<ProcessSample> {
  let found: ProcessSample | undefined;
  await expect
    .poll(async () => {
      const { processes } = await readNow(collector, level);
      found = processes?.processes.find((process) => process.pid === pid);
      return found !== undefined && !/^\S*(node|vitest)/.test(found.command);
    })
    .toBe(true);
  return found!;
}

/** One stat line as the kernel writes it. */
function statLine(
  name: string,
  fields: { cpu?: number; system?: number; start?: number; pages?: number } = {},
): string {
  const { cpu = 0, system = 0, start = 100, pages = 10 } = fields;
  return `7 (${name}) S 1 7 7 0 -1 4194304 99 0 3 0 ${cpu} ${system} 5 6 20 0 4 0 ${start} 1000000 ${pages} 18446744073709551615 1 1 0\n`;
}

describe('a stat line', () => {
  test('is read to the field', () => {
    const reading = emptyProcess();
    expect(parseProcessStat(cursorOf(statLine('bash', { cpu: 12, system: 30, start: 777, pages: 55 })), reading)).toBe(
      true,
    );
    expect(reading).toMatchObject({ cpuTicks: 42, threadCount: 4, startTicks: 777, residentPages: 55 });
  });

  test('gives back any name that the kernel allows, and the same figures whatever the name', () => {
    const name = fc.string({
      unit: fc.constantFrom(')', '(', ' ', '\n', '"', "'", '\\', ',', 'é', '0', 'R', 'x'),
      maxLength: 15,
    });
    fc.assert(
      fc.property(name, fc.nat(1e9), fc.nat(1e9), (text, cpu, start) => {
        const cursor = cursorOf(statLine(text, { cpu, start }));
        const reading = emptyProcess();
        expect(parseProcessStat(cursor, reading)).toBe(true);
        expect(cursor.text(reading.nameStart, reading.nameEnd)).toBe(text);
        expect([reading.cpuTicks, reading.startTicks]).toEqual([cpu, start]);
      }),
    );
  });

  test('that is cut short or is none is refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(parseProcessStat(cursorOf(text.replaceAll(')', ']')), emptyProcess())).toBe(false);
      }),
    );
    const whole = statLine('bash');
    expect(parseProcessStat(cursorOf(whole.slice(0, 40)), emptyProcess())).toBe(false);
  });

  test('tells kernel threads', () => {
    const reading = emptyProcess();
    parseProcessStat(cursorOf(readFileSync('/proc/2/stat', 'utf8')), reading);
    expect(reading.isKernelThread).toBe(true);
    parseProcessStat(cursorOf(readFileSync('/proc/self/stat', 'utf8')), reading);
    expect(reading.isKernelThread).toBe(false);
  });
});

describe('texts about a process', () => {
  test('join the arguments, also empty ones', () => {
    expect(parseCmdline(Buffer.from('a\0\0b c\0'))).toEqual(['a', '', 'b c']);
    expect(parseCmdline(Buffer.from(''))).toEqual([]);
  });

  test('tell the whole name where the kernel cut it off, and a program in place of a thread', () => {
    expect(processName('gnome-session-b', '/usr/libexec/gnome-session-binary')).toBe('gnome-session-binary');
    expect(processName('MainThread', '/usr/bin/node')).toBe('node');
    expect(processName('worker', '/usr/bin/python3')).toBe('worker');
    expect(processName('', '')).toBe('');
  });

  test('name users, and leave out lines that are none', () => {
    const names = parsePasswd(
      'root:x:0:0::/root:/bin/sh\nbroken\ntoor:x:0:0::/:\nada:x:1000:1000:Ada,,,:/home/ada:/bin/sh\n:x:5:5\n',
    );
    expect([...names]).toEqual([
      [0, 'root'],
      [1_000, 'ada'],
    ]);
  });

  test('tell storage I/O', () => {
    const io = { readBytes: 0, writtenBytes: 0 };
    parseProcessIo(cursorOf('rchar: 9\nwchar: 8\nread_bytes: 4096\nwrite_bytes: 8192\ncancelled_write_bytes: 1\n'), io);
    expect(io).toEqual({ readBytes: 4_096, writtenBytes: 8_192 });
  });
});

describe('real processes', () => {
  test.each([
    ['parentheses', 'a) R (b'],
    ['a newline', 'two\nlines'],
    ['quotes', `'"quoted"'`],
    ['a field that looks like another', ') S 1 1 1 0'],
    ['letters beyond ASCII', 'größe'],
  ])('with %s in their name are told truly', async (_, name) => {
    const program = join(tempFolder(), name);
    copyFileSync('/bin/sleep', program);
    const pid = run(program, ['300']);
    const process = await seen(collectorOf(), pid);
    expect(process).toMatchObject({ pid, name, user: 'root', command: `${program} 300`, threadCount: 1 });
  });

  test('whose arguments hold anything are told truly', async () => {
    const pid = run('/bin/sh', ['-c', 'sleep 300; :', '<b>"x"</b>', 'line\nbreak']);
    expect((await seen(collectorOf(), pid)).command).toBe('/bin/sh -c sleep 300; : <b>"x"</b> line\nbreak');
  });

  test('that become another program are told anew', async () => {
    const gate = join(tempFolder(), 'gate');
    const pid = run('/bin/sh', ['-c', `until [ -e ${gate} ]; do sleep 0.05; done; exec sleep 301`]);
    const collector = collectorOf();
    expect((await seen(collector, pid)).name).toBe('sh');
    writeFileSync(gate, '');
    await expect.poll(async () => (await seen(collector, pid)).command).toBe('sleep 301');
    expect((await seen(collector, pid)).name).toBe('sleep');
  });

  test('that end are gone at the next scan', async () => {
    const collector = collectorOf();
    const child = spawn('/bin/sleep', ['300'], { stdio: 'ignore' });
    await seen(collector, child.pid!);
    const ended = new Promise((resolve) => child.on('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    const { processes } = await readNow(collector, 'intensive');
    expect(processes?.processes.some(({ pid }) => pid === child.pid)).toBe(false);
  });

  test('that burn a core are told to, and lead the list', async () => {
    const pid = run('/bin/sh', ['-c', 'while :; do :; done']);
    const collector = collectorOf();
    await seen(collector, pid);
    const { processes } = await expectAfterMs(collector, 1_000, 'standard');
    const busy = processes.processes.find((process) => process.pid === pid)!;
    expect(busy.cpuCores).toBeGreaterThan(0.1);
    expect(busy.cpuCores).toBeLessThan(1.1);
    const cores = processes.processes.map(({ cpuCores }) => cpuCores);
    expect(cores).toEqual([...cores].sort((a, b) => b - a));
  });

  test('are at most five by CPU and five by memory at standard level, and all at intensive', async () => {
    const collector = collectorOf();
    await readNow(collector);
    const standard = (await readNow(collector, 'standard')).processes!;
    expect(standard.processes.length).toBeGreaterThanOrEqual(5);
    expect(standard.processes.length).toBeLessThanOrEqual(10);
    const intensive = (await readNow(collector, 'intensive')).processes!;
    expect(intensive.processes).toHaveLength(intensive.processCount);
  });
});

async function expectAfterMs(collector: Collector, forMs: number, level: Level) {
  await readNow(collector, level);
  const untilMs = performance.now() + forMs;
  await expect.poll(() => performance.now() >= untilMs).toBe(true);
  return { processes: (await readNow(collector, level)).processes! };
}

describe('composed processes', () => {
  function procWith(lines: Readonly<Record<number, string>>): string {
    const folder = tempFolder();
    mkdirSync(join(folder, 'self'));
    for (const [pid, line] of Object.entries(lines)) writeProcess(folder, Number(pid), line);
    return folder;
  }

  function writeProcess(folder: string, pid: number, line: string, io = ''): void {
    mkdirSync(join(folder, String(pid)), { recursive: true });
    writeFileSync(join(folder, String(pid), 'stat'), line);
    if (io !== '') writeFileSync(join(folder, String(pid), 'io'), io);
  }

  test('give cores by the measured time, I/O per second, and memory in bytes', async () => {
    const folder = procWith({});
    writeProcess(folder, 7, statLine('worker', { cpu: 100, pages: 50 }), 'read_bytes: 1000\nwrite_bytes: 5000\n');
    const collector = collectorOf(folder, { bytesOf: (pid) => (pid === 7 ? 1_048_576 : null) });
    expect((await readAt(0, collector)).processes).toBeNull();
    await readAt(1_000, collector);
    writeProcess(folder, 7, statLine('worker', { cpu: 400, pages: 60 }), 'read_bytes: 3000\nwrite_bytes: 5000\n');
    const { processes } = await readAt(3_000, collector);
    expect(processes).toMatchObject({ processCount: 1 });
    expect(processes?.processes[0]).toMatchObject({
      name: 'worker',
      cpuCores: 1.5,
      memoryBytes: 60 * 4_096,
      readBytesPerSecond: 1_000,
      writeBytesPerSecond: 0,
      gpuMemoryBytes: 1_048_576,
    });
  });

  test('count a process that has just started from nothing', async () => {
    const folder = procWith({ 7: statLine('old', { cpu: 100 }) });
    const collector = collectorOf(folder);
    await readAt(0, collector);
    writeProcess(folder, 8, statLine('new', { cpu: 50 }));
    const { processes } = await readAt(1_000, collector);
    expect(processes?.processes.map(({ pid, cpuCores }) => [pid, cpuCores])).toEqual([
      [8, 0.5],
      [7, 0],
    ]);
  });

  test('take a pid that was given to another process for another process', async () => {
    const folder = procWith({ 7: statLine('first', { cpu: 5_000, start: 100 }) });
    const collector = collectorOf(folder);
    await readAt(0, collector);
    writeProcess(folder, 7, statLine('second', { cpu: 20, start: 900 }));
    const { processes } = await readAt(1_000, collector);
    expect(processes?.processes[0]).toMatchObject({ name: 'second', cpuCores: 0.2 });
  });

  test('give no list from two scans far apart', async () => {
    const collector = collectorOf(procWith({ 7: statLine('x') }));
    await readAt(0, collector);
    expect((await readAt(120_000, collector)).processes).toBeNull();
    expect((await readAt(121_000, collector)).processes).not.toBeNull();
  });

  test('that cannot be read are left out', async () => {
    const collector = collectorOf(procWith({ 7: statLine('x'), 9: 'torn' }));
    await readAt(0, collector);
    expect((await readAt(1_000, collector)).processes?.processCount).toBe(1);
  });
});

describe('the heaviest', () => {
  test('are exactly those that lead by CPU or by memory, each once', () => {
    const entry = fc.record({ cpuCores: fc.nat(8), residentPages: fc.nat(1_000) });
    fc.assert(
      fc.property(fc.array(entry), fc.nat(6), (entries, count) => {
        const shown = heaviest(entries, count);
        expect(new Set(shown).size).toBe(shown.length);
        expect(shown.length).toBeLessThanOrEqual(Math.min(2 * count, entries.length) || entries.length);
        for (const left of entries.filter((one) => !shown.includes(one))) {
          expect(entries.filter((one) => one.cpuCores >= left.cpuCores && one !== left).length).toBeGreaterThanOrEqual(
            count,
          );
          expect(
            entries.filter((one) => one.residentPages >= left.residentPages && one !== left).length,
          ).toBeGreaterThanOrEqual(count);
        }
      }),
    );
  });
});
