/** Files that hold a secret: made whole or not at all, and read only where nobody but their owner may read them. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  type Stats,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { fail, ok, type Result } from '../../core/result.ts';

const OTHERS_MAY = 0o077;
const withoutLinks = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/**
 * The file's text; null where there is no file. `not-permitted`, with the command that mends it, where it belongs to
 * someone else or others may read or write it.
 */
export function readPrivateFile(path: string): Result<string | null> {
  try {
    const file = openSync(path, 'r');
    try {
      const objection = objectionTo(path, fstatSync(file));
      return objection === null ? ok(readFileSync(file, 'utf8')) : fail('not-permitted', objection);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ok(null);
    return fromSystemError(path, 'read', error as NodeJS.ErrnoException);
  }
}

/**
 * Makes the file with mode 0600. False where it was there already, or another process was faster: then theirs counts.
 * The hard link that publishes it brings its whole content, on disk before its name.
 */
export function createPrivateFile(path: string, text: string): Result<boolean> {
  const draft = `${path}.draft-${randomBytes(6).toString('hex')}`;
  try {
    writeDraft(draft, text);
    const isOurs = publish(draft, path, text);
    syncFolder(dirname(path));
    return ok(isOurs);
  } catch (error) {
    return fromSystemError(path, 'make', error as NodeJS.ErrnoException);
  } finally {
    rmSync(draft, { force: true });
  }
}

function writeDraft(draft: string, text: string): void {
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function publish(draft: string, path: string, text: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (!withoutLinks.includes(code)) throw error;
    return publishWithoutLinks(path, text);
  }
}

/** For filesystems without hard links. A power cut in the middle leaves a torn file, which its reader notices. */
function publishWithoutLinks(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx', mode: 0o600, flush: true });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** So that a power cut cannot take back the name. Folders cannot be opened on Windows. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const opened = openSync(folder, 'r');
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}

/** Windows keeps no such modes; there the folder's access list decides. */
function objectionTo(path: string, found: Stats): string | null {
  if (process.platform === 'win32') return null;
  const name = forShell(path);
  if (found.uid !== process.getuid?.()) {
    return `${path} belongs to another user, so it cannot be trusted. Mend it with: sudo chown "$(id -un)" ${name} && chmod 600 ${name}`;
  }
  if ((found.mode & OTHERS_MAY) !== 0) {
    const mode = (found.mode & 0o777).toString(8).padStart(3, '0');
    return `${path} may be opened by other users (mode ${mode}). Mend it with: chmod 600 ${name}`;
  }
  return null;
}

function forShell(path: string): string {
  return /^[\w./:@%+=-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

function fromSystemError(path: string, verb: 'read' | 'make', error: NodeJS.ErrnoException): Result<never> {
  switch (error.code) {
    case 'EACCES':
    case 'EPERM':
      return verb === 'read'
        ? fail('not-permitted', `No permission to read ${path}. Mend it with: chmod 600 ${forShell(path)}`)
        : fail('not-permitted', `No permission to make ${path}: its folder is not for this user to write.`);
    case 'EROFS':
      return fail('read-only', `Cannot ${verb} ${path}: its disk is read-only.`);
    case 'ENOSPC':
    case 'EDQUOT':
      return fail('disk-full', `No space left to ${verb} ${path}. Free some, then try again.`);
    default:
      return fail('storage', `Cannot ${verb} ${path}: ${error.message}.`);
  }
}
