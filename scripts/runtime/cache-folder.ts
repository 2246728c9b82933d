// Where runtimes are kept: one folder a user, never removed by anything but the user.
import { homedir } from 'node:os';
import { join } from 'node:path';

/** `$XDG_CACHE_HOME/labwatch`, by default `~/.cache/labwatch`. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'labwatch');
}
