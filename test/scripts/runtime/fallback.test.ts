import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { describe, expect, test } from 'vitest';
import { ensureFallback, type FallbackSource } from '../../../scripts/runtime/fallback.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { makePackage } from './archive.ts';

const quiet = () => {};

/** A source that counts how often it was asked. */
function localSource(tarball: string, pin: FallbackSource['pin']): FallbackSource & { readonly asked: () => number } {
  let asked = 0;
  return {
    pin,
    async fetchTarball(folder) {
      asked += 1;
      const file = join(folder, 'package.tgz');
      copyFileSync(tarball, file);
      return file;
    },
    asked: () => asked,
  };
}

function startMaking(cache: string, pin: object, tarball: string, log: string, mode = 'whole'): ChildProcess {
  const program = join(import.meta.dirname, 'make-fallback.ts');
  return spawn(process.execPath, [program, cache, JSON.stringify(pin), tarball, log, mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

const ended = (child: ChildProcess) => new Promise((resolve) => child.once('exit', resolve));
const said = (child: ChildProcess, words: string) =>
  new Promise<void>((resolve) => {
    child.stdout?.on('data', (chunk) => String(chunk).includes(words) && resolve());
  });

describe('the fallback Electron', () => {
  test('takes the Electron, our bootstrap and the fitting sqlite module, and nothing of the other application', async () => {
    const folder = tempFolder();
    const { tarball, pin } = await makePackage(folder);
    const runtime = await ensureFallback(join(folder, 'cache'), localSource(tarball, pin), quiet);
    const files = readdirSync(runtime.folder, { recursive: true }).map(String);
    expect(files).toEqual(expect.arrayContaining(['electron', 'icudtl.dat', 'locales/en-US.pak', 'version']));
    expect(files).toEqual(expect.arrayContaining(['resources/app/bootstrap.mjs', 'resources/app/package.json']));
    expect(readdirSync(runtime.sqliteModules).sort()).toEqual(['better-sqlite3', 'bindings', 'file-uri-to-path']);
    expect(files.filter((file) => /left-pad|sqlite3\.c|snapshot|app\/index\.js|App/.test(file))).toEqual([]);
  });

  test('lets a browser driver in, and leaves the snapshot of the other application out', async () => {
    const folder = tempFolder();
    const { tarball, pin } = await makePackage(folder);
    const runtime = await ensureFallback(join(folder, 'cache'), localSource(tarball, pin), quiet);
    const fuses = await getCurrentFuseWire(runtime.executablePath);
    expect(fuses[FuseV1Options.EnableNodeCliInspectArguments]).toBe(FuseState.ENABLE);
    expect(fuses[FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]).toBe(FuseState.DISABLE);
  });

  test('is made once and then found', async () => {
    const folder = tempFolder();
    const { tarball, pin } = await makePackage(folder);
    const source = localSource(tarball, pin);
    await ensureFallback(join(folder, 'cache'), source, quiet);
    await ensureFallback(join(folder, 'cache'), source, quiet);
    expect(source.asked()).toBe(1);
  });

  test.each([
    ['lost a file', (runtime: string) => rmSync(join(runtime, 'icudtl.dat'))],
    ['has a shortened file', (runtime: string) => truncateSync(join(runtime, 'icudtl.dat'), 10)],
    ['lost its stamp', (runtime: string) => rmSync(join(runtime, 'labwatch-runtime.json'))],
    ['has a torn stamp', (runtime: string) => truncateSync(join(runtime, 'labwatch-runtime.json'), 20)],
  ])('is made anew when it %s', async (_, tear) => {
    const folder = tempFolder();
    const { tarball, pin } = await makePackage(folder);
    const source = localSource(tarball, pin);
    const { folder: runtime } = await ensureFallback(join(folder, 'cache'), source, quiet);
    const whole = readFileSync(join(runtime, 'icudtl.dat'));
    tear(runtime);
    await ensureFallback(join(folder, 'cache'), source, quiet);
    expect(source.asked()).toBe(2);
    expect(readFileSync(join(runtime, 'icudtl.dat')).equals(whole)).toBe(true);
  });

  test('is made anew after a start that was killed in the middle of its download', async () => {
    const folder = tempFolder();
    const { tarball, pin } = await makePackage(folder);
    const cache = join(folder, 'cache');
    const killed = startMaking(cache, pin, tarball, join(folder, 'log'), 'hang');
    await said(killed, 'half');
    killed.kill('SIGKILL');
    await ended(killed);
    expect(readdirSync(cache)).not.toContain('electron-1.2.3');
    const runtime = await ensureFallback(cache, localSource(tarball, pin), quiet);
    expect(existsSync(runtime.executablePath)).toBe(true);
    expect(readdirSync(cache)).toEqual(['electron-1.2.3']);
  });

  test('is made once by two starts at the same time', async () => {
    const folder = tempFolder();
    const { tarball, pin } = await makePackage(folder);
    const log = join(folder, 'log');
    const starts = [1, 2].map(() => startMaking(join(folder, 'cache'), pin, tarball, log));
    expect(await Promise.all(starts.map(ended))).toEqual([0, 0]);
    expect(readFileSync(log, 'utf8')).toBe('fetched\n');
  });

  test('leaves nothing behind when the archive is damaged', async () => {
    const folder = tempFolder();
    const { tarball, pin } = await makePackage(folder);
    writeFileSync(tarball, readFileSync(tarball).subarray(0, 400));
    const cache = join(folder, 'cache');
    await expect(ensureFallback(cache, localSource(tarball, pin), quiet)).rejects.toThrow('cannot unpack');
    expect(readdirSync(cache)).toEqual([]);
  });
});
