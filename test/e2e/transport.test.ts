/** Links between Node's TLS library and Electron's: OpenSSL there, BoringSSL here. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { resolveRuntime } from '../../scripts/runtime/resolve.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { exitOf } from './electron-app.ts';

type Program = 'Node' | 'Electron';
interface Said {
  readonly port: number;
  readonly fingerprint: string;
  readonly versions: Readonly<Record<string, string>>;
}

let built: string;
let executables: Readonly<Record<Program, string>>;

beforeAll(async () => {
  built = mkdtempSync(join(tmpdir(), 'labwatch-transport-probe-'));
  await build({
    configFile: false,
    logLevel: 'warn',
    ssr: { noExternal: true },
    build: {
      ssr: join(import.meta.dirname, 'transport-probe.ts'),
      outDir: built,
      target: 'node20.18',
      rolldownOptions: { output: { entryFileNames: 'probe.mjs', chunkFileNames: '[name]-[hash].mjs' } },
    },
  });
  executables = { Node: process.execPath, Electron: (await resolveRuntime(() => undefined)).executablePath };
});
afterAll(() => rmSync(built, { recursive: true, force: true }));

function start(program: Program, ...args: readonly string[]): ChildProcess {
  const child = spawn(executables[program], [join(built, 'probe.mjs'), ...args], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exitOf(child);
  });
  return child;
}

async function lineOf<Line>(child: ChildProcess): Promise<Line> {
  if (child.stdout === null) throw new Error('This process was started without an output.');
  const [line] = await once(createInterface(child.stdout), 'line');
  return JSON.parse(line as string) as Line;
}

describe('a link between Node and Electron', () => {
  test.each([
    ['Electron', 'Node'],
    ['Node', 'Electron'],
    ['Electron', 'Electron'],
  ] as const)(
    'coordinator in %s, agent in %s: both see the same connection, and each other’s signatures hold',
    async (coordinator, agent) => {
      const server = await lineOf<Said>(start(coordinator, 'server', tempFolder()));
      const client = start(agent, 'client', `${server.port}`, server.fingerprint, tempFolder());
      const said = await lineOf<Said>(client);
      expect(said).toMatchObject({ holds: true, holdsHere: true, isPinned: true, fillerLength: 11_000 });
      const isElectron = ({ versions }: Said) => versions.electron !== undefined;
      expect([isElectron(server), isElectron(said)]).toEqual([coordinator === 'Electron', agent === 'Electron']);
      expect(await exitOf(client)).toBe(0);
    },
  );

  test.each([
    ['Electron', 'Node'],
    ['Electron', 'Electron'],
  ] as const)('coordinator in %s dials an agent that waits in %s: it is the same link', async (coordinator, agent) => {
    const identity = tempFolder();
    const { fingerprint } = await lineOf<Said>(start(coordinator, 'server', identity));
    const waiter = start(agent, 'waiter', fingerprint, tempFolder());
    const lines = createInterface(waiter.stdout!)[Symbol.asyncIterator]();
    const next = async () => JSON.parse((await lines.next()).value ?? 'null');
    const { port } = await next();
    start(coordinator, 'dialler', `${port}`, identity);
    expect(await next()).toMatchObject({ holds: true, holdsHere: true, isPinned: true, fillerLength: 11_000 });
  });

  test('an identity that one has made is the same to the other', async () => {
    for (const [maker, other] of [
      ['Electron', 'Node'],
      ['Node', 'Electron'],
    ] as const) {
      const folder = tempFolder();
      const made = await lineOf<Said>(start(maker, 'server', folder));
      expect((await lineOf<Said>(start(other, 'server', folder))).fingerprint).toBe(made.fingerprint);
    }
  });

  test('an agent under either refuses a coordinator with another key', async () => {
    const server = await lineOf<Said>(start('Electron', 'server', tempFolder()));
    const another = Buffer.alloc(32).toString('base64');
    for (const agent of ['Node', 'Electron'] as const) {
      const said = await lineOf(start(agent, 'client', `${server.port}`, another, tempFolder()));
      expect(said).toMatchObject({ failure: 'not-permitted' });
    }
  });

  test('curl pins the key that Electron shows', async () => {
    const { port, fingerprint } = await lineOf<Said>(start('Electron', 'server', tempFolder()));
    const curl = (pin: string) =>
      promisify(execFile)('curl', ['-fsSk', '--pinnedpubkey', `sha256//${pin}`, `https://127.0.0.1:${port}/agent.mjs`]);
    expect((await curl(fingerprint)).stdout).toBe('// the agent\n');
    await expect(curl(Buffer.alloc(32).toString('base64'))).rejects.toMatchObject({ code: 90 });
  });
});
