import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BuildError, buildIfNeeded, readBuildStamp } from '../../scripts/build/build.ts';
import { stageApp } from '../../scripts/runtime/stage.ts';
import { projectFolder } from '../support/source.ts';
import { tempFolder } from '../support/temp-folder.ts';

const sources: Readonly<Record<string, string>> = {
  'src/main/index.ts':
    "import { app } from 'electron';\nimport { z } from 'zod';\nconsole.log(app.name, z.string());\n",
  'src/cli/index.ts': 'export const run = async (argv: readonly string[]): Promise<number> => argv.length;\n',
  'src/node/sampling/sampler-thread.ts': "console.log('samples');\n",
  'src/node/storage/store-thread.ts':
    "import Database from 'better-sqlite3';\nconsole.log(new Database(':memory:'));\n",
  'src/worker/index.ts':
    "import { cpu } from 'systeminformation';\nimport { WebSocket } from 'ws';\nconsole.log(typeof cpu, WebSocket.CLOSED, LABWATCH_AGENT_VERSION);\ndeclare const LABWATCH_AGENT_VERSION: string;\n",
  'src/preload/index.ts':
    "import { contextBridge } from 'electron';\ncontextBridge.exposeInMainWorld('labwatch', {});\n",
  'src/renderer/index.html': '<!doctype html><script type="module" src="./main.tsx"></script>\n',
  'src/renderer/main.tsx':
    "import { createRoot } from 'react-dom/client';\ncreateRoot(document.body).render(<p>hello</p>);\n",
};

/** A small project that is built as the real one is. */
function smallProject(): string {
  const project = tempFolder();
  for (const name of [
    'electron.vite.config.ts',
    'agent.vite.config.ts',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
  ]) {
    cpSync(join(projectFolder, name), join(project, name));
  }
  mkdirSync(join(project, 'resources'));
  symlinkSync(join(projectFolder, 'node_modules'), join(project, 'node_modules'));
  for (const [file, text] of Object.entries(sources)) {
    mkdirSync(dirname(join(project, file)), { recursive: true });
    writeFileSync(join(project, file), text);
  }
  return project;
}

function lines() {
  const said: string[] = [];
  return { said, say: (line: string) => void said.push(line) };
}

describe('the build', () => {
  test('runs when a source changed and only then', async () => {
    const project = smallProject();
    const output = join(project, 'out', 'main', 'cli.js');
    const first = await buildIfNeeded(project, lines().say);
    const builtAt = statSync(output).mtimeMs;
    const again = lines();
    expect(await buildIfNeeded(project, again.say)).toBe(first);
    expect(again.said).toEqual([]);
    expect(statSync(output).mtimeMs).toBe(builtAt);
    writeFileSync(join(project, 'src/cli/index.ts'), 'export const run = async (): Promise<number> => 42;\n');
    expect(await buildIfNeeded(project, lines().say)).not.toBe(first);
    expect(readFileSync(output, 'utf8')).toContain('42');
  });

  test('runs again when an output is gone', async () => {
    const project = smallProject();
    await buildIfNeeded(project, lines().say);
    rmSync(join(project, 'out', 'preload', 'index.cjs'));
    await buildIfNeeded(project, lines().say);
    expect(existsSync(join(project, 'out', 'preload', 'index.cjs'))).toBe(true);
  });

  test('says what is wrong where a source is, and is not taken for a whole build afterwards', async () => {
    const project = smallProject();
    await buildIfNeeded(project, lines().say);
    writeFileSync(join(project, 'src/cli/index.ts'), "import './missing.ts';\n");
    const failure = await buildIfNeeded(project, lines().say).catch((error: Error) => error);
    expect(failure).toBeInstanceOf(BuildError);
    expect(String(failure)).toContain('missing.ts');
    expect(await readBuildStamp(project)).toBeUndefined();
  });

  test('bundles every package but electron and the database module', async () => {
    const project = smallProject();
    await buildIfNeeded(project, lines().say);
    const main = readFileSync(join(project, 'out', 'main', 'index.js'), 'utf8');
    expect(main).toMatch(/from "electron"/);
    expect(main).not.toMatch(/from "zod"/);
    expect(readFileSync(join(project, 'out', 'main', 'store-thread.js'), 'utf8')).toMatch(/from "better-sqlite3"/);
  });
});

describe('the agent', () => {
  test('is one file that needs nothing but Node and knows its version', async () => {
    const project = smallProject();
    await buildIfNeeded(project, lines().say);
    const { version } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as { readonly version: string };
    expect(readdirSync(join(project, 'out', 'agent'))).toEqual(['labwatch-agent.mjs']);
    const alone = tempFolder();
    cpSync(join(project, 'out', 'agent', 'labwatch-agent.mjs'), join(alone, 'agent.mjs'));
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(alone, 'agent.mjs')], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toBe(`function 3 ${version}\n`);
  });
});

describe('the app folder for the fallback Electron', () => {
  test('holds the build and the sqlite module for that Electron, and is made anew when the build changed', async () => {
    const project = smallProject();
    const modules = join(project, 'modules');
    mkdirSync(join(modules, 'better-sqlite3'), { recursive: true });
    writeFileSync(join(modules, 'better-sqlite3', 'index.js'), 'for this Electron');
    const stamp = await buildIfNeeded(project, lines().say);
    const first = await stageApp(project, modules, stamp);
    expect(await stageApp(project, modules, stamp)).toBe(first);
    const staged = (file: string) => readFileSync(join(first, file), 'utf8');
    expect(staged('node_modules/better-sqlite3/index.js')).toBe('for this Electron');
    expect(JSON.parse(staged('package.json')).main).toBe('./out/main/index.js');
    writeFileSync(join(project, 'src/cli/index.ts'), 'export const run = async (): Promise<number> => 42;\n');
    const second = await stageApp(project, modules, await buildIfNeeded(project, lines().say));
    expect(second).not.toBe(first);
    expect(staged('out/main/cli.js')).not.toContain('42');
    expect(readFileSync(join(second, 'out/main/cli.js'), 'utf8')).toContain('42');
  });
});
