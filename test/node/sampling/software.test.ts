/** Software is found by asking real programs: those of this machine, and such as hang, lie, or never stop talking. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { findProgram, searchFolders } from '../../../src/node/sampling/inventory/program-search.ts';
import {
  endShortProgram,
  runShortProgram,
  watchShortPrograms,
} from '../../../src/node/sampling/inventory/short-program.ts';
import { findSoftware } from '../../../src/node/sampling/inventory/software.ts';
import { ownSources } from '../../../src/node/sampling/inventory/sources.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { fakeProgram } from './fake-program.ts';

/** A folder with programs: name and script. */
function folderWith(programs: Readonly<Record<string, string>>): string {
  const folder = tempFolder();
  for (const [name, script] of Object.entries(programs)) fakeProgram(folder, name, script);
  return folder;
}

const says = (text: string) => `printf '%s\\n' '${text}'`;
const isAlive = (pid: number) =>
  existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
const pidIn = (file: string) => Number(readFileSync(file, 'utf8'));

describe('software', () => {
  test('tells its versions in its own words', async () => {
    const folder = folderWith({
      docker: says('Docker version 24.0.7, build afdd53b'),
      podman: says('podman version 4.3.1'),
      containerd: says('containerd github.com/containerd/containerd v1.7.2 0cae528dd6cb557f7201036e9f43420650207b58'),
      apptainer: says('apptainer version 1.2.5-1.el9'),
      nvcc: says('Cuda compilation tools, release 12.2, V12.2.140'),
      gcc: says('gcc (GCC) 13.2.1 20231011 (Red Hat 13.2.1-4)'),
      clang: says('Debian clang version 14.0.6'),
      rustc: says('rustc 1.79.0-nightly (129f3b996 2024-06-10)'),
      go: says('go version go1.22.1 linux/amd64'),
      javac: `${says('javac 1.8.0_392')} >&2`,
      node: says('v20.11.1'),
      python3: says('Python 3.11.2'),
      'python3.9': says('Python 3.9.2'),
    });
    expect(await findSoftware([folder])).toEqual([
      { name: 'docker', version: '24.0.7' },
      { name: 'podman', version: '4.3.1' },
      { name: 'containerd', version: '1.7.2' },
      { name: 'apptainer', version: '1.2.5' },
      { name: 'cuda', version: '12.2.140' },
      { name: 'gcc', version: '13.2.1' },
      { name: 'clang', version: '14.0.6' },
      { name: 'rustc', version: '1.79.0' },
      { name: 'go', version: '1.22.1' },
      { name: 'javac', version: '1.8.0' },
      { name: 'node', version: '20.11.1' },
      { name: 'python', version: '3.11.2' },
      { name: 'python', version: '3.9.2' },
    ]);
  });

  test('of this machine is found, in the versions that a shell finds', async () => {
    const found = await findSoftware(searchFolders(ownSources().searchPath));
    const node = execFileSync('node', ['--version'], { encoding: 'utf8' }).trim().slice(1);
    expect(found).toContainEqual({ name: 'node', version: node });
    const gcc = findProgram('gcc', searchFolders(process.env.PATH ?? ''));
    if (gcc === null) return;
    const version = execFileSync(gcc, ['-dumpfullversion'], { encoding: 'utf8' }).trim();
    expect(found).toContainEqual({ name: 'gcc', version });
  });

  test('that fails, lies about its name or prints garbage is not there; one that hangs is, without a version', async () => {
    const folder = folderWith({
      docker: 'sleep 600',
      podman: says('Emulate Docker CLI using something else'),
      go: `${says('go version go1.22.1 linux/amd64')}; exit 1`,
      gcc: says('Apple clang version 15.0.0'),
      clang: 'head -c 20000 /dev/urandom',
      rustc: 'kill -9 $$',
    });
    writeFileSync(join(folder, 'node'), 'not a program at all', { mode: 0o755 });
    writeFileSync(join(folder, 'javac'), '#!/no/such/interpreter\n', { mode: 0o755 });
    expect(await findSoftware([folder])).toEqual([{ name: 'docker', version: null }]);
  }, 20_000);

  test('that all hangs is given up in time', async () => {
    const names = [
      'docker',
      'podman',
      'containerd',
      'apptainer',
      'nvcc',
      'gcc',
      'clang',
      'rustc',
      'go',
      'javac',
      'node',
    ];
    const pythons = Array.from({ length: 30 }, (_, minor) => `python3.${minor}`);
    const folder = folderWith(Object.fromEntries([...names, ...pythons].map((name) => [name, 'sleep 600'])));
    const found = await findSoftware([folder]);
    expect(found).toHaveLength(names.length + 1);
    expect(found.every(({ version }) => version === null)).toBe(true);
  }, 40_000);

  test('is the first of a name; Pythons are all, a file with many names once, and of shims the chosen one', async () => {
    const [first, second, root] = [
      folderWith({ gcc: says('gcc (GCC) 13.2.1'), python3: says('Python 3.12.1') }),
      folderWith({ gcc: says('gcc (GCC) 9.1.0'), 'python3.9': says('Python 3.9.2') }),
      tempFolder(),
    ];
    symlinkSync(join(first, 'python3'), join(second, 'python3.12'));
    const shims = join(root, 'shims');
    mkdirSync(shims);
    fakeProgram(shims, 'python3', says('Python 3.11.7'));
    fakeProgram(shims, 'python3.6', says('Python 3.6.0'));
    expect(await findSoftware([shims, first, second])).toEqual([
      { name: 'gcc', version: '13.2.1' },
      { name: 'python', version: '3.11.7' },
      { name: 'python', version: '3.12.1' },
      { name: 'python', version: '3.9.2' },
    ]);
  });

  test('is not looked for where PATH means the folder one stands in, nor in what cannot be executed', async () => {
    expect(searchFolders(`.:bin::/usr/bin:/usr/bin:../x`)).toEqual(['/usr/bin']);
    const folder = folderWith({ docker: says('Docker version 24.0.7') });
    chmodSync(join(folder, 'docker'), 0o644);
    mkdirSync(join(folder, 'podman'));
    symlinkSync(join(folder, 'nothing'), join(folder, 'go'));
    expect(await findSoftware([folder, join(folder, 'docker'), '/nonexistent'])).toEqual([]);
  });

  test('ROCm tells its version in a file, without being started', async () => {
    const root = tempFolder();
    mkdirSync(join(root, 'bin'));
    mkdirSync(join(root, '.info'));
    fakeProgram(join(root, 'bin'), 'rocminfo', `touch '${join(root, 'was-started')}'`);
    expect(await findSoftware([join(root, 'bin')])).toEqual([{ name: 'rocm', version: null }]);
    writeFileSync(join(root, '.info', 'version'), '6.0.2-115\n');
    expect(await findSoftware([join(root, 'bin')])).toEqual([{ name: 'rocm', version: '6.0.2' }]);
    expect(existsSync(join(root, 'was-started'))).toBe(false);
  });
});

describe('a program that is asked one thing', () => {
  test('and prints without end is ended, with what it printed first', async () => {
    const file = fakeProgram(
      tempFolder(),
      'loud',
      `echo $$ > "$0.pid"; echo first; head -c 10000000 /dev/zero; sleep 600`,
    );
    const end = await runShortProgram({ file, args: [], timeLimitMs: 60_000 });
    expect(end.kind).toBe('too-much');
    const output = end.kind === 'too-much' ? end.output : '';
    expect(output.startsWith('first\n')).toBe(true);
    expect(output.length).toBeLessThanOrEqual(65_536);
    await vi.waitFor(() => expect(isAlive(pidIn(`${file}.pid`))).toBe(false));
  });

  test('and hangs is ended with all that it started, and so is one whose child holds the pipes', async () => {
    const folder = tempFolder();
    const hangs = fakeProgram(folder, 'hangs', `trap '' TERM; sleep 600 & echo $! > "$0.child"; wait; sleep 600`);
    const leaves = fakeProgram(folder, 'leaves', `sleep 600 & echo $! > "$0.child"; echo done`);
    for (const file of [hangs, leaves]) {
      expect(await runShortProgram({ file, args: [], timeLimitMs: 2_000 })).toEqual({ kind: 'silent' });
      await vi.waitFor(() => expect(isAlive(pidIn(`${file}.child`))).toBe(false));
    }
  }, 20_000);

  test('gets no input and no shell: its arguments stay as they are', async () => {
    const folder = tempFolder();
    const file = fakeProgram(folder, 'asks', 'cat; printf "%s|" "$@"');
    const args = ['$(touch x)', '; ls', 'a b'];
    const end = await runShortProgram({ file, args, timeLimitMs: 10_000 });
    expect(end).toEqual({ kind: 'ended', exitCode: 0, output: '$(touch x)|; ls|a b|' });
  });

  test('is told of while it runs, so that whoever gives up can end it', async () => {
    const told: (readonly number[])[] = [];
    watchShortPrograms((pids) => told.push(pids));
    const file = fakeProgram(tempFolder(), 'sleeps', 'sleep 600');
    const end = runShortProgram({ file, args: [], timeLimitMs: 60_000 });
    const pid = told[0]?.[0] ?? 0;
    expect(isAlive(pid)).toBe(true);
    endShortProgram(pid);
    expect(await end).toMatchObject({ kind: 'ended', exitCode: null });
    expect(told.at(-1)).toEqual([]);
  });
});
