// A lock over a folder being made, so that two starts at once make it once.
// The holder touches its file; a lock nobody touched for a while belongs to a process that died and is taken over.
// A heartbeat beside the process id, because ids mean nothing across containers that share a home folder.
import { mkdir, open, readFile, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';

const heartbeatMs = 1000;
const abandonedAfterMs = 10_000;
const pollMs = 200;

/** Runs `work` while holding `lockFile`; calls `onWait` once if another process holds it. Rethrows what `work` throws. */
export async function withLock<T>(lockFile: string, work: () => Promise<T>, onWait: () => void = () => {}): Promise<T> {
  await mkdir(dirname(lockFile), { recursive: true });
  for (let told = false; !(await take(lockFile)); ) {
    if (!told) onWait();
    told = true;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  const heartbeat = setInterval(() => void utimes(lockFile, new Date(), new Date()).catch(() => {}), heartbeatMs);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await rm(lockFile, { force: true });
  }
}

async function take(lockFile: string): Promise<boolean> {
  try {
    const handle = await open(lockFile, 'wx');
    await handle.writeFile(JSON.stringify({ host: hostname(), pid: process.pid } satisfies Holder));
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  if (await isAbandoned(lockFile)) await rm(lockFile, { force: true });
  return false;
}

type Holder = { readonly host: string; readonly pid: number };

async function isAbandoned(lockFile: string): Promise<boolean> {
  try {
    const ageMs = Date.now() - (await stat(lockFile)).mtimeMs;
    if (ageMs > abandonedAfterMs) return true;
    if (ageMs < heartbeatMs) return false;
    const holder = JSON.parse(await readFile(lockFile, 'utf8')) as Holder;
    return holder.host === hostname() && !isAlive(holder.pid);
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
