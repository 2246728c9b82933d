/** The agent's own folder: its key, whom it trusts, what was not delivered yet. Nobody else may look into it. */
import { accessSync, constants, mkdirSync, type Stats, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fail, ok, type Result } from '../../core/result.ts';

export interface Home {
  readonly folder: string;
  /** The agent itself, where the pasted command put it. */
  readonly agentFile: string;
  /** A newer one that is being tried, and the one before the last update. */
  readonly nextAgentFile: string;
  readonly previousAgentFile: string;
  /** What came of an update, until the agent has told it. */
  readonly updateFile: string;
  /** The hardware that it claims beside the real one. */
  readonly profileFile: string;
  readonly trustFile: string;
  readonly statusFile: string;
  readonly spoolFolder: string;
  /** Attempts, with what they made until the coordinator has it. */
  readonly tasksFolder: string;
}

/** Every file and folder that an agent makes in its home; what `leave` removes. */
export const HOME_ENTRIES: readonly RegExp[] = [
  /^agent(\.next|\.previous)?\.mjs$/,
  /^agent-key\.pem$/,
  /^coordinator\.json$/,
  /^status\.json$/,
  /^update\.json$/,
  /^profile\.json$/,
  /^agent(\.\d)?\.log$/,
  /^spool$/,
  /^tasks$/,
  /^engine-lock\.\d+$/,
  /\.draft-/,
];

/** `explicit` (from `--home`), else LABWATCH_AGENT_HOME, else `~/.labwatch-agent`; absolute. */
export function homeAt(explicit: string | undefined, env = process.env, homeDir = homedir()): Home {
  const chosen = explicit || env.LABWATCH_AGENT_HOME;
  const folder = chosen ? resolve(chosen) : join(homeDir, '.labwatch-agent');
  return {
    folder,
    agentFile: join(folder, 'agent.mjs'),
    nextAgentFile: join(folder, 'agent.next.mjs'),
    previousAgentFile: join(folder, 'agent.previous.mjs'),
    updateFile: join(folder, 'update.json'),
    profileFile: join(folder, 'profile.json'),
    trustFile: join(folder, 'coordinator.json'),
    statusFile: join(folder, 'status.json'),
    spoolFolder: join(folder, 'spool'),
    tasksFolder: join(folder, 'tasks'),
  };
}

/** Makes the folder (mode 0700) where it is missing, and makes sure that it is ours alone and can be written. */
export function prepareHome({ folder }: Home): Result<null> {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const found = statSync(folder);
    if (!found.isDirectory())
      return fail('storage', `${folder} is a file. Remove it, or name another folder with --home.`);
    const objection = objectionTo(folder, found);
    if (objection !== null) return fail('not-permitted', objection);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return ok(null);
  } catch (error) {
    return fromSystemError(folder, error as NodeJS.ErrnoException);
  }
}

/** Windows keeps no such modes; there the folder's access list decides. */
function objectionTo(folder: string, found: Stats): string | null {
  if (process.platform === 'win32') return null;
  if (found.uid !== process.getuid?.()) {
    return `${folder} belongs to another user. Run this as that user, or name another folder with --home.`;
  }
  return (found.mode & 0o077) === 0
    ? null
    : `${folder} may be opened by other users. Mend it with: chmod 700 ${forShell(folder)}`;
}

function fromSystemError(folder: string, error: NodeJS.ErrnoException): Result<never> {
  switch (error.code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return fail('not-permitted', `${folder} cannot be written (${error.code}). Name another folder with --home.`);
    case 'ENOSPC':
    case 'EDQUOT':
      return fail('disk-full', `No space left to make ${folder}. Free some, then try again.`);
    case 'EEXIST':
    case 'ENOTDIR':
      return fail('storage', `${folder} is a file, or below one. Remove it, or name another folder with --home.`);
    default:
      return fail('storage', `Cannot use ${folder}: ${error.message}. Name another folder with --home.`);
  }
}

export function forShell(path: string): string {
  return /^[\w./:@%+=~-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
