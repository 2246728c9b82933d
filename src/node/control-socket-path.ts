/**
 * Where an instance listens for its own user's commands.
 *
 * A Unix socket's path must fit `sun_path`: 108 bytes on Linux, 104 on macOS, its end mark included (unix(7)). A data
 * folder with a longer name gets a socket in the runtime folder instead; the lock file says which.
 */
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

const LONGEST_PATH_BYTES = 103;

/** Makes the folder for the socket where it is not the data folder. Throws when someone else owns that folder. */
export function controlSocketPath(dataDir: string, env = process.env, platform = process.platform): string {
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  if (platform === 'win32') return `\\\\.\\pipe\\labwatch-${name}`;
  const inDataDir = join(dataDir, 'control.sock');
  if (Buffer.byteLength(inDataDir) <= LONGEST_PATH_BYTES) return inDataDir;
  const candidates = [env.XDG_RUNTIME_DIR, tmpdir(), '/tmp'].filter((root) => root !== undefined && root !== '');
  for (const root of candidates) {
    const folder = join(root as string, `labwatch-${userInfo().uid}`);
    const path = join(folder, `${name}.sock`);
    if (Buffer.byteLength(path) <= LONGEST_PATH_BYTES && isOurOwnFolder(folder)) return path;
  }
  throw new Error(`no folder for the control socket is short enough and ours: tried ${candidates.join(', ')}`);
}

/** In a folder all may write, a name may have been taken by someone who wants to listen in. */
function isOurOwnFolder(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const found = lstatSync(folder);
    return found.isDirectory() && found.uid === userInfo().uid && (found.mode & 0o077) === 0;
  } catch {
    return false;
  }
}
