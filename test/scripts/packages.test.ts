import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bundledNodePath } from '../../scripts/bundled-node.mjs';
import { projectFolder, readProjectFile } from '../support/source.ts';

const manifest = JSON.parse(readProjectFile('package.json')) as {
  readonly version: string;
  readonly allowScripts: Readonly<Record<string, boolean>>;
};
const lock = JSON.parse(readProjectFile('package-lock.json')) as {
  readonly packages: Readonly<Record<string, object>>;
};

/** Packages on disk that run something when they are installed: a script of theirs, or npm's own for native sources. */
function packagesWithInstallScript(): readonly string[] {
  return Object.keys(lock.packages).filter((path) => {
    const folder = join(projectFolder, path);
    if (path === '' || !existsSync(join(folder, 'package.json'))) return false;
    const { scripts = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return (
      ['preinstall', 'install', 'postinstall'].some((name) => scripts[name] !== undefined) ||
      existsSync(join(folder, 'binding.gyp'))
    );
  });
}

/** A Node on this machine that is too old for the database, if there is one. */
function oldNode(): string | undefined {
  const candidates = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'node'));
  return candidates.find((node) => {
    if (!existsSync(node)) return false;
    const major = Number(execFileSync(node, ['-p', 'process.versions.node.split(".")[0]'], { encoding: 'utf8' }));
    return major >= 20 && major < 22;
  });
}

describe('the packages', () => {
  test('every package with an install script was decided on', () => {
    const names = packagesWithInstallScript().map((path) => path.replace(/^.*node_modules\//, ''));
    expect(names).toContain('better-sqlite3');
    expect(names.filter((name) => manifest.allowScripts[name] === undefined)).toEqual([]);
  });

  test.runIf(existsSync(bundledNodePath()))('npm scripts run on the bundled Node', () => {
    const options = { cwd: projectFolder, encoding: 'utf8' } as const;
    const used = execFileSync('npm', ['exec', '-c', 'node -p process.version'], options).trim();
    expect(used).toBe(execFileSync(bundledNodePath(), ['-p', 'process.version'], options).trim());
    expect(Number.parseInt(used.slice(1), 10)).toBeGreaterThanOrEqual(24);
  });

  const node = oldNode();
  test.skipIf(node === undefined)(
    "the labwatch command continues on the bundled Node where the caller's is too old",
    () => {
      const command = join(projectFolder, 'bin', 'labwatch.mjs');
      const path = `${dirname(node ?? '')}${delimiter}/usr/bin${delimiter}/bin`;
      const env = { ...process.env, PATH: path };
      const version = execFileSync(node ?? '', [command, '--version'], { encoding: 'utf8', env });
      expect(version.trim()).toBe(manifest.version);
    },
  );
});
