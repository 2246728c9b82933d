import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasTrayHost } from '../../../src/node/desktop/tray-host.ts';
import { findCookie, parseDisplay, xSelectionHasOwner } from '../../../src/node/desktop/x-selection.ts';

describe('DISPLAY', () => {
  test.each([
    [':0', { host: '', display: 0, screen: 0 }],
    [':99.1', { host: '', display: 99, screen: 1 }],
    ['localhost:10.0', { host: 'localhost', display: 10, screen: 0 }],
  ])('%s is taken apart', (text, expected) => {
    expect(parseDisplay(text)).toEqual(expected);
  });

  test.each([undefined, '', 'wayland-0', '/private/tmp/launch/org.x:0'])('%s names no display we can ask', (text) => {
    expect(parseDisplay(text)).toBeNull();
  });
});

test('a cookie file that is cut off or empty gives no cookie instead of a fault', () => {
  expect(findCookie(Buffer.alloc(0), 0)).toHaveLength(0);
  expect(findCookie(Buffer.from([0, 0, 0, 9, 65]), 0)).toHaveLength(0);
});

describe('a real X server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'labwatch-x-'));
  const xauthority = join(folder, 'auth');
  const cookie = '00112233445566778899aabbccddeeff';
  let server: ReturnType<typeof spawn>;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    writeFileSync(xauthority, '');
    execFileSync('xauth', ['-f', xauthority, 'add', ':0', '.', cookie], { stdio: 'ignore' });
    server = spawn('Xvfb', ['-displayfd', '3', '-auth', xauthority, '-nolisten', 'tcp', '-noreset'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    const display = await new Promise<string>((resolve, reject) => {
      server.stdio[3]?.on('data', (chunk) => resolve(String(chunk).trim()));
      server.on('exit', () => reject(new Error('Xvfb ended at once')));
    });
    execFileSync('xauth', ['-f', xauthority, 'add', `:${display}`, '.', cookie], { stdio: 'ignore' });
    env = { ...process.env, DISPLAY: `:${display}`, XAUTHORITY: xauthority };
  });

  afterAll(() => {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  test('a tray icon would be nowhere until a tray runs', async () => {
    expect(await hasTrayHost(env)).toBe(false);
    const tray = spawn('trayer', [], { env, stdio: 'ignore' });
    await expect.poll(() => hasTrayHost(env)).toBe(true);
    tray.kill();
    await expect.poll(() => hasTrayHost(env)).toBe(false);
  });

  test('without the cookie the server refuses and the answer is no, not a fault', async () => {
    const tray = spawn('trayer', [], { env, stdio: 'ignore' });
    await expect.poll(() => hasTrayHost(env)).toBe(true);
    const stranger = { ...env, XAUTHORITY: join(folder, 'missing') };
    expect(await xSelectionHasOwner(stranger, (screen) => `_NET_SYSTEM_TRAY_S${screen}`)).toBe(false);
    tray.kill();
  });

  test('no display at all is no tray', async () => {
    expect(await xSelectionHasOwner({ DISPLAY: ':4711' }, () => '_NET_SYSTEM_TRAY_S0')).toBe(false);
  });
});
