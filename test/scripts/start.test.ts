import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectFolder } from '../support/source.ts';
import { tempFolder } from '../support/temp-folder.ts';

type Ended = { readonly code: number | null; readonly output: string; readonly errors: string };

/** Runs `npm start` as a user's shell does, without any display but what `env` names. */
function start(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
  const { DISPLAY: _, WAYLAND_DISPLAY: __, ...inherited } = process.env;
  const child = spawn(process.execPath, [join(projectFolder, 'scripts', 'start.mjs'), ...args], {
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output, errors })));
}

describe('npm start', () => {
  test.runIf(process.platform === 'linux')(
    'without a display says so in one sentence and goes on as headless',
    async () => {
      const dataDir = join(tempFolder(), 'data');
      const ended = await start(['--data-dir', dataDir, '--duration', '3s', '--json'], {});
      const sentences = ended.errors.split('\n').filter((line) => line.includes('no display'));
      expect(sentences).toHaveLength(1);
      expect(sentences[0]).toContain('labwatch headless');
      const ticks = ended.output.trim().split('\n');
      expect(ticks.length).toBeGreaterThan(1);
      for (const tick of ticks) expect(() => JSON.parse(tick)).not.toThrow();
      expect(existsSync(join(dataDir, 'metrics.db'))).toBe(true);
      expect(ended.code).toBe(0);
    },
  );

  test('says what to correct where ELECTRON_OVERRIDE_DIST_PATH holds no Electron', async () => {
    const empty = tempFolder();
    const ended = await start([], { DISPLAY: ':0', ELECTRON_OVERRIDE_DIST_PATH: empty });
    expect(ended.errors).toContain(`ELECTRON_OVERRIDE_DIST_PATH is set to ${empty}`);
    expect(ended.code).toBe(1);
  });
});
