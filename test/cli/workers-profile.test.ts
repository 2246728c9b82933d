/** `labwatch workers show`, `label` and `price` against a real instance. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openReadable } from '../../src/node/storage/connection.ts';
import { fakeProgram } from '../node/sampling/fake-program.ts';
import { labwatch, type Running, startLabwatch, temporaryFolder } from './process.ts';

let folder: ReturnType<typeof temporaryFolder>;
let dataDir: string;
let programs: string;
const started: Running[] = [];

beforeEach(async () => {
  folder = temporaryFolder();
  dataDir = join(folder.path, 'data');
  programs = join(folder.path, 'programs');
  mkdirSync(programs);
  await here('settings', 'set', 'listener.port', '0');
});
afterEach(async () => {
  for (const { child, exited } of started.splice(0)) {
    child.kill('SIGKILL');
    await exited;
  }
  folder.dispose();
});

function here(...args: string[]) {
  return labwatch([...args, '--data-dir', dataDir]);
}

/** An instance that finds our programs before those of this machine. */
async function runningInstance(): Promise<void> {
  const env = { PATH: `${programs}:${process.env.PATH}` };
  const running = startLabwatch(['headless', '--level', 'basic', '--data-dir', dataDir], { env });
  started.push(running);
  await running.saw(/watches/);
}

function changes(): readonly unknown[] {
  const database = openReadable(join(dataDir, 'fleet.db'));
  const told = database.prepare("SELECT message FROM events WHERE kind = 'hardware-changed' ORDER BY id").pluck().all();
  database.close();
  return told;
}

async function shown(...options: string[]) {
  const { code, stdout, stderr } = await here('workers', 'show', hostname(), '--json', ...options);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

describe('labwatch workers show', () => {
  it('reads the hardware again on request, waits for it, and tells what changed as an event', async () => {
    fakeProgram(programs, 'docker', "echo 'Docker version 24.0.7, build afdd53b'");
    await runningInstance();
    const first = await shown('--refresh');
    expect(first).toMatchObject({ workerId: expect.any(String), name: hostname(), labels: {}, pricePerHour: null });
    expect(first.fingerprint).toMatch(/^[0-9a-f]{4}( [0-9a-f]{4}){3}$/);
    expect(first.capabilities).toEqual(expect.arrayContaining(['os.linux', `arch.${process.arch}`]));
    expect(first.capabilities).toContain('container.docker=24.0.7');
    expect(first.inventory.hostName).toBe(hostname());
    fakeProgram(programs, 'docker', "echo 'Docker version 25.0.1, build 29cf629'");
    const second = await shown('--refresh');
    expect(second.capabilities).toContain('container.docker=25.0.1');
    expect(second.inventoryAtMs).toBeGreaterThan(first.inventoryAtMs);
    expect(second.fingerprint).toBe(first.fingerprint);
    expect(changes()).toEqual(['Docker 24.0.7 → 25.0.1.']);
  });

  it('prints it for people, safe to print', async () => {
    fakeProgram(programs, 'docker', "echo 'Docker version 24.0.7, build afdd53b'");
    await runningInstance();
    await here('workers', 'label', hostname(), 'rack=b');
    const { code, stdout } = await here('workers', 'show', hostname(), '--refresh');
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Worker +${hostname()}\n`));
    expect(stdout).toMatch(/^Labels +rack=b$/m);
    expect(stdout).toMatch(/^Price +not said$/m);
    expect(stdout).toMatch(/^Fingerprint +[0-9a-f]{4} /m);
    expect(stdout).toMatch(/^Hardware and software, read \d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/m);
    expect(stdout).toMatch(/^Software +Docker 24\.0\.7/m);
    expect(stdout).toMatch(/^Capabilities\n(.* {2})?os\.linux {2}/m);
    const [, list = ''] = stdout.split('\nCapabilities\n');
    expect(Math.max(...list.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it('tells a change of a worker that was there before this start, too', async () => {
    fakeProgram(programs, 'docker', "echo 'Docker version 24.0.7, build afdd53b'");
    await runningInstance();
    await shown('--refresh');
    await here('stop');
    writeFileSync(join(programs, 'docker'), "#!/bin/sh\necho 'Docker version 26.1.0, build 9714adc'\n");
    await runningInstance();
    const before = await shown();
    expect(before.capabilities).toContain('container.docker=24.0.7');
    const after = await shown('--refresh');
    expect(after.capabilities).toContain('container.docker=26.1.0');
    expect(changes()).toEqual(['Docker 24.0.7 → 26.1.0.']);
  });
});

describe('labels and prices', () => {
  it('are set, shown, kept over a restart, and removed', async () => {
    await runningInstance();
    const labelled = await here('workers', 'label', hostname(), 'rack=b', 'owner=the lab', 'old-');
    expect(labelled).toMatchObject({ code: 0, stdout: `${hostname()}: owner=the lab, rack=b.\n` });
    expect(await here('workers', 'price', hostname(), '0.35')).toMatchObject({
      code: 0,
      stdout: `${hostname()} costs 0.35 per hour.\n`,
    });
    await here('stop');
    await runningInstance();
    expect(await shown()).toMatchObject({ labels: { owner: 'the lab', rack: 'b' }, pricePerHour: 0.35 });
    const status = JSON.parse((await here('status', '--json')).stdout);
    expect(status.workers[0]).toMatchObject({ labels: { rack: 'b' }, pricePerHour: 0.35 });
    const bare = await here('workers', 'label', hostname(), 'owner-', 'rack-', '--json');
    expect(JSON.parse(bare.stdout)).toMatchObject({ name: hostname(), labels: {} });
    expect((await here('workers', 'price', hostname(), 'none')).stdout).toBe(`${hostname()} has no price.\n`);
  });

  it('that cannot be are refused in one line', async () => {
    await runningInstance();
    const refused = async (words: readonly string[], code: number, sentence: RegExp) => {
      const exit = await here('workers', ...words);
      expect({ code: exit.code, stdout: exit.stdout }).toEqual({ code, stdout: '' });
      expect(exit.stderr).toMatch(/^labwatch: [^\n]*\n$/);
      expect(exit.stderr).toMatch(sentence);
    };
    await refused(['label', hostname(), 'rack'], 2, /Write key=value/);
    await refused(['label', hostname(), 'good=1', 'Bad=1'], 2, /small letters/);
    await refused(['label', hostname()], 2, /missing required argument 'changes'/);
    await refused(['label', 'rig-99', 'rack=b'], 1, /no worker called rig-99/);
    await refused(['price', hostname(), 'cheap'], 2, /a number such as 0\.35, or none/);
    await refused(['show', 'rig-99'], 1, /no worker called rig-99/);
    expect((await shown()).labels).toEqual({});
  });
});
