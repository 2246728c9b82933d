import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { desktopEntry, setAutostart } from '../../../src/node/desktop/autostart.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'labwatch-autostart-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('start at login', () => {
  const entryFile = () => join(folder, 'autostart', 'labwatch.desktop');

  test('makes the entry that a desktop reads at login, and takes it away again', async () => {
    expect(await setAutostart(['/usr/bin/node', 'start.mjs', '--hidden'], true, { XDG_CONFIG_HOME: folder })).toEqual({
      ok: true,
      value: null,
    });
    expect(readFileSync(entryFile(), 'utf8')).toContain('Exec="/usr/bin/node" "start.mjs" "--hidden"\n');
    expect((await setAutostart([], false, { XDG_CONFIG_HOME: folder })).ok).toBe(true);
    expect(existsSync(entryFile())).toBe(false);
    expect((await setAutostart([], false, { XDG_CONFIG_HOME: folder })).ok).toBe(true);
  });

  test('says which file cannot be written', async () => {
    writeFileSync(join(folder, 'autostart'), 'a file where the folder should be');
    const result = await setAutostart(['x'], true, { XDG_CONFIG_HOME: folder });
    expect(result).toMatchObject({ ok: false, error: { code: 'not-permitted' } });
    expect(!result.ok && result.error.message).toContain(entryFile());
  });

  test('a folder name with every awkward character reaches the program as it is, started by GLib’s own launcher', () => {
    const awkward = 'a "b" $HOME `c` \\d %f é';
    const program = join(folder, 'show');
    const shown = join(folder, 'shown');
    writeFileSync(program, `#!/bin/sh\nprintf '%s' "$1" > '${shown}'\n`);
    chmodSync(program, 0o755);
    const entry = join(folder, 'x.desktop');
    writeFileSync(entry, desktopEntry([program, awkward]));
    expect(spawnSync('gio', ['launch', entry]).status).toBe(0);
    execFileSync('sh', ['-c', `for i in $(seq 100); do test -s '${shown}' && exit 0; sleep 0.1; done; exit 1`]);
    expect(readFileSync(shown, 'utf8')).toBe(awkward);
  });
});
