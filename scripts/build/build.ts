// Builds out/, the app with electron-vite and the agent's file with vite, only when an input changed since the last complete build.
// The stamp is removed before a build and written after it, so an interrupted build is never taken for a whole one.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { nodeExecutable } from '../project.ts';
import { withLock } from '../runtime/lock.ts';
import { stripColours } from '../terminal/colours.ts';
import type { Say } from '../terminal/progress.ts';

const inputFolders = ['src', 'resources'];
const inputFiles = [
  'electron.vite.config.ts',
  'agent.vite.config.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
];
const outputs = [
  'main/index.js',
  'main/cli.js',
  'main/sampler-thread.js',
  'main/store-thread.js',
  'preload/index.cjs',
  'renderer/index.html',
  'agent/labwatch-agent.mjs',
];

export class BuildError extends Error {}

type BuildStamp = { readonly inputs: string };

/** The stamp of the build in `out/`: a digest of all that went into it, or undefined without a complete build. */
export async function readBuildStamp(project: string): Promise<string | undefined> {
  try {
    const stamp = JSON.parse(await readFile(stampFile(project), 'utf8')) as BuildStamp;
    return outputs.every((file) => existsSync(join(project, 'out', file))) ? stamp.inputs : undefined;
  } catch {
    return undefined;
  }
}

/** Makes `out/` match the sources and returns its stamp; throws BuildError with the bundler's words where it cannot. */
export async function buildIfNeeded(project: string, say: Say): Promise<string> {
  const inputs = await digestInputs(project);
  if ((await readBuildStamp(project)) === inputs) return inputs;
  const lockFile = join(project, '.labwatch', 'build.lock');
  return withLock(
    lockFile,
    async () => {
      if ((await readBuildStamp(project)) === inputs) return inputs;
      const startedAt = Date.now();
      say('Building Labwatch …');
      await rm(stampFile(project), { force: true });
      await Promise.all([
        runBundler(project, ['electron-vite', 'bin', 'electron-vite.js'], []),
        runBundler(project, ['vite', 'bin', 'vite.js'], ['--config', 'agent.vite.config.ts']),
      ]);
      await writeFile(stampFile(project), JSON.stringify({ inputs } satisfies BuildStamp));
      say(`Built in ${((Date.now() - startedAt) / 1000).toFixed(1)} s.`);
      return inputs;
    },
    () => say('Another build of this checkout is running; waiting for it.'),
  );
}

function stampFile(project: string): string {
  return join(project, 'out', 'build-stamp.json');
}

/** SHA-256 over the name and content of every build input, in a fixed order. */
async function digestInputs(project: string): Promise<string> {
  const files = [...inputFiles];
  for (const folder of inputFolders) {
    for (const found of await readdir(join(project, folder), { recursive: true, withFileTypes: true })) {
      if (found.isFile()) files.push(relative(project, join(found.parentPath, found.name)));
    }
  }
  const hash = createHash('sha256');
  for (const file of files.sort()) {
    hash
      .update(`${file.split(sep).join('/')}\0`)
      .update(await readFile(join(project, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

function runBundler(project: string, program: readonly string[], options: readonly string[]): Promise<void> {
  const cli = join(project, 'node_modules', ...program);
  return new Promise((resolve, reject) => {
    const child = spawn(nodeExecutable, [cli, 'build', ...options, '--logLevel', 'warn'], {
      cwd: project,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let words = '';
    child.stdout.on('data', (chunk) => (words += chunk));
    child.stderr.on('data', (chunk) => (words += chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new BuildError(`The build failed:\n${stripColours(words).trim()}`));
    });
  });
}
