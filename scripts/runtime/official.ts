// The official Electron: already unpacked in node_modules, or fetched when its release server answers quickly.
// A server that does not answer is remembered for a day, so that it costs seconds once and not at every start.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeExecutable } from '../project.ts';
import { type Say, startProgress } from '../terminal/progress.ts';
import { folderBytes } from './registry.ts';

const answerWithinMs = 3000;
const stalledAfterMs = 10_000;
const measureEveryMs = 250;
const rememberMs = 24 * 60 * 60 * 1000;
const memoryName = 'release-server-unreachable.json';

export type OfficialElectron = { readonly executablePath: string; readonly version: string };

/** The official Electron that is already on disk, whole: its installer writes `path.txt` last. */
export function findOfficial(project: string): OfficialElectron | undefined {
  const home = join(project, 'node_modules', 'electron');
  try {
    const version = readFileSync(join(home, 'dist', 'version'), 'utf8')
      .trim()
      .replace(/^v/, '');
    const executablePath = join(home, 'dist', readFileSync(join(home, 'path.txt'), 'utf8'));
    return existsSync(executablePath) ? { executablePath, version } : undefined;
  } catch {
    return undefined;
  }
}

/** Fetches the official Electron; undefined where the release server does not answer or stops answering. */
export async function fetchOfficial(
  project: string,
  cache: string,
  env: NodeJS.ProcessEnv,
  say: Say,
): Promise<OfficialElectron | undefined> {
  if (env.ELECTRON_SKIP_BINARY_DOWNLOAD) return undefined;
  const url = releaseUrl(project, env);
  if (await isRemembered(cache, url)) return undefined;
  const bytes = await askSize(url);
  if (bytes === undefined) {
    say('The official Electron cannot be fetched here (its release server gave no answer); asking again in a day.');
    await remember(cache, url);
    return undefined;
  }
  const outcome = await runInstaller(project, env, bytes);
  if (outcome !== 'installed') {
    say(`The Electron release server answered, but its download ${outcome}; asking again in a day.`);
    await remember(cache, url);
    return undefined;
  }
  return findOfficial(project);
}

function releaseUrl(project: string, env: NodeJS.ProcessEnv): string {
  const manifest = readFileSync(join(project, 'node_modules', 'electron', 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  const mirror =
    env.npm_config_electron_mirror ??
    env.NPM_CONFIG_ELECTRON_MIRROR ??
    env.ELECTRON_MIRROR ??
    'https://github.com/electron/electron/releases/download/';
  return `${mirror}v${version}/electron-v${version}-${process.platform}-${process.arch}.zip`;
}

async function askSize(url: string): Promise<number | undefined> {
  try {
    const answer = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(answerWithinMs) });
    return answer.ok ? Number(answer.headers.get('content-length') ?? 0) : undefined;
  } catch {
    return undefined;
  }
}

/** Runs electron's own installer, which verifies checksums; its temp folder is ours, so that its growth is progress. */
async function runInstaller(project: string, env: NodeJS.ProcessEnv, bytes: number): Promise<string> {
  const temp = await mkdtemp(join(tmpdir(), 'labwatch-electron-'));
  const progress = startProgress('Downloading Electron', bytes);
  const child = spawn(nodeExecutable, [join(project, 'node_modules', 'electron', 'install.js')], {
    env: { ...env, TMPDIR: temp, TEMP: temp, TMP: temp },
    stdio: 'ignore',
  });
  let last = { bytes: -1, at: Date.now() };
  let stalled = false;
  const measuring = setInterval(async () => {
    const now = await folderBytes(temp);
    progress.at(now);
    if (now !== last.bytes) last = { bytes: now, at: Date.now() };
    // A complete download is being unpacked elsewhere and grows no more here.
    else if (now < bytes && Date.now() - last.at > stalledAfterMs) {
      stalled = true;
      child.kill();
    }
  }, measureEveryMs);
  const code = await new Promise((resolve) => child.on('error', () => resolve(1)).on('close', resolve));
  clearInterval(measuring);
  progress.done();
  await rm(temp, { recursive: true, force: true });
  if (stalled) return `stood still for ${stalledAfterMs / 1000} s`;
  return code === 0 ? 'installed' : 'failed';
}

type Memory = { readonly url: string; readonly atMs: number };

async function isRemembered(cache: string, url: string): Promise<boolean> {
  try {
    const memory = JSON.parse(await readFile(join(cache, memoryName), 'utf8')) as Memory;
    const ageMs = Date.now() - memory.atMs;
    return memory.url === url && ageMs >= 0 && ageMs < rememberMs;
  } catch {
    return false;
  }
}

async function remember(cache: string, url: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  await writeFile(join(cache, memoryName), JSON.stringify({ url, atMs: Date.now() } satisfies Memory));
}
