import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { projectFolder } from '../support/source.ts';
import { tempFolder } from '../support/temp-folder.ts';

const labwatch = (...args: readonly string[]) =>
  spawnSync(process.execPath, [join(projectFolder, 'bin', 'labwatch.mjs'), ...args], { encoding: 'utf8' });

describe('npm start', () => {
  test('opens the app, says which Electron it uses, and which flag root needs', async () => {
    const dataDir = join(tempFolder(), 'data');
    const child = spawn('npm', ['start', '--', '--data-dir', dataDir], {
      cwd: projectFolder,
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    onTestFinished(() => {
      if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    });
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    const status = () => labwatch('status', '--json', '--data-dir', dataDir);
    await expect.poll(() => status().status, { timeout: 60_000, interval: 500 }).toBe(0);
    expect(JSON.parse(status().stdout)).toMatchObject({ instance: { kind: 'app' } });
    expect(said.match(/^Opening Labwatch in Electron \d+\.\d+\.\d+ \(.+\)\.$/gm)).toHaveLength(1);
    const isRootOnLinux = process.platform === 'linux' && process.getuid?.() === 0;
    expect(said.match(/--no-sandbox/g) ?? []).toHaveLength(isRootOnLinux ? 1 : 0);
    expect(labwatch('stop', '--data-dir', dataDir).status).toBe(0);
    expect(await ended).toBe(0);
  });
});
