/** `labwatch workers` against a real instance, with a real machine (as far as the instance can tell) at the other end. */
import { chmodSync, mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { onTerminal } from '../app/pseudo-terminal.ts';
import { joinWith, type TestAgent } from '../app/test-agent.ts';
import { labwatch, labwatchCommand, type Running, startLabwatch, temporaryFolder } from './process.ts';

let folder: ReturnType<typeof temporaryFolder>;
let dataDir: string;
const started: Running[] = [];
const agents: TestAgent[] = [];

beforeEach(() => {
  folder = temporaryFolder();
  dataDir = join(folder.path, 'data');
});
afterEach(async () => {
  for (const agent of agents.splice(0)) agent.dispose();
  for (const { child, exited } of started.splice(0)) {
    child.kill('SIGKILL');
    await exited;
  }
  folder.dispose();
});

function here(...args: string[]) {
  return labwatch([...args, '--data-dir', dataDir]);
}

/** On any free port, so that tests do not meet. */
async function runningInstance(port = '0'): Promise<Running> {
  await here('settings', 'set', 'listener.port', port);
  const running = startLabwatch(['headless', '--level', 'basic', '--data-dir', dataDir]);
  started.push(running);
  await running.saw(/watches/);
  return running;
}

async function joinFrom(code: string, name = 'rig-03'): Promise<TestAgent> {
  const home = join(folder.path, `home of ${name}`);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const agent = await joinWith(code, { home, name });
  agents.push(agent);
  return agent;
}

async function invited(): Promise<{ readonly code: string; readonly listener: { readonly port: number } }> {
  return JSON.parse((await here('workers', 'add', '--json')).stdout);
}

function occupy(): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

describe('labwatch workers', () => {
  it('shows this machine alone, and that nothing listens', async () => {
    await runningInstance();
    const { code, stdout } = await here('workers');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^STATE +WORKER +LEVEL +ADDRESS .*ID$/m);
    expect(stdout).toMatch(/^online +\S+ +basic +this machine .* [0-9a-f-]{36}$/m);
    expect(stdout).toMatch(/\nNothing listens for workers: .*labwatch workers add.*\n$/);
  });

  it('shows who joined, as a table and as JSON', async () => {
    const running = await runningInstance();
    const { code, listener } = await invited();
    const { welcome } = await joinFrom(code);
    await running.saw(/ rig-03: Paired as rig-03/);
    const { stdout } = await here('workers');
    expect(stdout).toMatch(/^\S+ +rig-03 +standard +127\.0\.0\.1 +9\.9\.9 +test x64 +only watched /m);
    expect(stdout).toContain(`Workers come in at 127.0.0.1:${listener.port}. Only this machine can reach it.`);
    const report = JSON.parse((await here('workers', '--json')).stdout);
    expect(report).toMatchObject({
      listener: { state: 'listening', port: listener.port },
      workers: [{ isLocal: true }, { workerId: welcome.workerId, name: 'rig-03', remote: { runsTasks: false } }],
    });
  });

  it('is explained with an example, as is each of its commands', async () => {
    for (const name of ['', ' add', ' rename', ' remove', ' level']) {
      const { code, stdout } = await labwatch(['workers', ...name.trim().split(' ').filter(Boolean), '--help']);
      expect(code).toBe(0);
      expect(stdout).toMatch(new RegExp(`Example:\\n {2}labwatch workers${name}`));
    }
  });

  it.each([['workers'], ['workers add'], ['workers remove rig-03']])(
    '%s ends with 3 where no instance runs',
    async (words) => {
      const { code, stdout, stderr } = await here(...words.split(' '));
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
      expect(stderr).toMatch(/^labwatch: No Labwatch runs on .*\n$/);
    },
  );

  it('says since when a worker cannot be reached, as do status and doctor', async () => {
    await runningInstance();
    const agent = await joinFrom((await invited()).code);
    agent.dispose();
    await vi.waitUntil(async () => /^unreachable +rig-03 /m.test((await here('status')).stdout), { timeout: 60_000 });
    const since = /^▲ rig-03: unreachable since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d, for \d+ s/m;
    expect((await here('status')).stdout).toMatch(since);
    expect((await here('workers')).stdout).toMatch(since);
    const { code, stdout } = await here('doctor');
    expect(code).toBe(0);
    expect(stdout).toMatch(/▲ warning +rig-03 +unreachable since /);
    expect(stdout).toMatch(/● ok +Listener +at 127\.0\.0\.1:\d+, for this machine alone/);
    expect(stdout).toMatch(/● ok +Identity +only you can read/);
  });
});

describe('labwatch workers add', () => {
  it('gives the line to paste and returns at once where no terminal is', async () => {
    await runningInstance();
    const { code, stdout, stderr } = await here('workers', 'add');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^ {2}mkdir -p -m 700 ~\/\.labwatch-agent && curl -fsSk --pinnedpubkey 'sha256\/\/.{43}=' https:\/\//m,
    );
    expect(stdout).toMatch(/^ {2}labwatch worker join LW1-\S+$/m);
    expect(stdout).toMatch(/good for one machine, until \d\d:\d\d:\d\d/);
    expect(stdout).toMatch(/^▲ Only this machine itself can use this code\. .*$/m);
  });

  it('prints code and command as JSON', async () => {
    await runningInstance();
    const { code, stdout } = await here('workers', 'add', '--json');
    const invitation = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(invitation).toMatchObject({
      code: expect.stringMatching(/^LW1-/),
      command: expect.stringContaining(`agent.mjs join ${invitation.code}`),
      shortCommand: `labwatch worker join ${invitation.code}`,
      expiresAtMs: expect.any(Number),
      listener: { state: 'listening', isLoopbackOnly: true },
    });
  });

  it('waits on a terminal, counting down, and says who joined', async () => {
    await runningInstance();
    const command = labwatchCommand(['workers', 'add', '--data-dir', dataDir]);
    const terminal = onTerminal(command, { columns: 400, rows: 20 });
    await terminal.saw(/Waiting for it, (10:00|9:\d\d) left/);
    await terminal.saw(/Waiting for it, 9:5\d left/);
    await joinFrom(/join (LW1-\S+)/.exec(terminal.output())?.[1] ?? '', 'bench <b>');
    const { code } = await terminal.ended;
    expect(code).toBe(0);
    expect(terminal.output()).toMatch(/bench <b> joined from 127\.0\.0\.1\.\r?\n$/);
  });

  it('is left by Ctrl+C, and its code stays good', async () => {
    await runningInstance();
    const terminal = onTerminal(labwatchCommand(['workers', 'add', '--data-dir', dataDir]), { columns: 400, rows: 20 });
    await terminal.saw(/Waiting for it/);
    terminal.press('\u0003');
    await terminal.ended;
    await joinFrom(/join (LW1-\S+)/.exec(terminal.output())?.[1] ?? '');
    expect((await here('workers')).stdout).toContain('rig-03');
  });

  it('says which port another program holds and how to choose another, and ends with 1', async () => {
    const other = await occupy();
    const { port } = other.address() as { readonly port: number };
    const running = await runningInstance(String(port));
    const { code, stdout, stderr } = await here('workers', 'add');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^labwatch: .*port ${port} .*labwatch settings set listener\\.port \\d+.*\\n$`));
    expect((await here('workers')).stdout).toMatch(new RegExp(`▲ No worker can come in: .*port ${port}`));
    expect((await here('doctor')).stdout).toMatch(/▲ warning +Listener +.*port/);
    expect((await here('status')).stdout).toMatch(/\n▲ No worker can come in: .*port/);
    await running.saw(/No worker can come in: .*port/);
    await here('settings', 'set', 'listener.port', '0');
    expect((await here('workers', 'add')).code).toBe(0);
    other.close();
  });

  it('says in one line how to mend keys that others can read', async () => {
    await runningInstance();
    await here('workers', 'add');
    await here('stop');
    const key = join(dataDir, 'coordinator-key.pem');
    chmodSync(key, 0o640);
    await runningInstance();
    const { code, stderr } = await here('workers', 'add');
    expect(code).toBe(1);
    expect(stderr).toContain(`chmod 600 ${key}`);
    expect((await here('doctor')).stdout).toMatch(/▲ warning +Identity +.*chmod 600/);
  });
});

describe('a worker that is named', () => {
  it('by its name or its id is renamed, gets a level, and is removed', async () => {
    await runningInstance();
    const agent = await joinFrom((await invited()).code);
    const { workerId } = agent.welcome;
    expect(await here('workers', 'rename', 'rig-03', 'große Kiste')).toMatchObject({
      code: 0,
      stdout: 'rig-03 is called große Kiste now.\n',
    });
    expect(await here('workers', 'level', workerId, 'detailed')).toMatchObject({ code: 0 });
    expect((await here('workers')).stdout).toMatch(/ große Kiste +detailed /);
    expect(JSON.parse((await here('workers', 'rename', workerId, 'bench', '--json')).stdout)).toMatchObject({
      name: 'bench',
      workerId,
    });
    const removed = await here('workers', 'remove', 'bench');
    expect(removed).toMatchObject({ code: 0, stdout: expect.stringMatching(/^bench is removed\. /) });
    expect(await agent.ended).toMatchObject({ code: 'removed' });
    expect((await here('workers')).stdout).not.toContain(workerId);
  });

  it('wrongly, or called what none may be called, is refused in one line', async () => {
    await runningInstance();
    await joinFrom((await invited()).code);
    const refused = async (words: readonly string[], code: number, sentence: RegExp) => {
      const exit = await here('workers', ...words);
      expect({ code: exit.code, stdout: exit.stdout }).toEqual({ code, stdout: '' });
      expect(exit.stderr).toMatch(/^labwatch: [^\n]*\n$/);
      expect(exit.stderr).toMatch(sentence);
    };
    await refused(['remove', 'rig-04'], 1, /no worker called rig-04\. `labwatch workers` lists/);
    await refused(['remove', hostname()], 2, /stays a worker/);
    await refused(['rename', 'rig-03', '  '], 2, /needs a name/);
    await refused(['rename', 'rig-03', 'x'.repeat(65)], 2, /at most 64/);
    await refused(['rename', 'rig-03', 'two\nlines'], 2, /one line/);
    await refused(['rename', 'rig-03', hostname()], 2, /Another worker is called/);
    await refused(['level', 'rig-03', 'loud'], 2, /Allowed choices are basic, standard/);
    await refused(['rename', 'rig-03'], 2, /missing required argument 'name'/);
    await refused(['frobnicate'], 2, /too many arguments|unknown command/);
  });
});
