// The app folder for the fallback Electron: a copy of out/ beside the sqlite module built for that Electron.
// A copy, not a link: Node resolves packages from the real path, and that would find the checkout's better-sqlite3.
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readManifest } from '../project.ts';
import { withLock } from './lock.ts';

const kept = 3;

/** Returns a folder that holds the build of that stamp, made now if it is missing. Older ones are removed, but the latest few. */
export async function stageApp(project: string, sqliteModules: string, buildStamp: string): Promise<string> {
  const stages = join(project, '.labwatch', 'stages');
  const folder = join(stages, buildStamp.slice(0, 16));
  if (existsSync(folder)) return folder;
  await withLock(join(project, '.labwatch', 'stage.lock'), async () => {
    if (existsSync(folder)) return;
    await mkdir(stages, { recursive: true });
    const work = await mkdtemp(join(stages, 'partial-'));
    const { name, version, main, type } = readManifest(project);
    await writeFile(join(work, 'package.json'), JSON.stringify({ name, version, main, type }));
    await cp(join(project, 'out'), join(work, 'out'), { recursive: true });
    await cp(sqliteModules, join(work, 'node_modules'), { recursive: true });
    await rename(work, folder);
    await removeOld(stages);
  });
  return folder;
}

/** Keeps the latest stages: an app that is running may still load a chunk of an older one. */
async function removeOld(stages: string): Promise<void> {
  const found = await Promise.all(
    (await readdir(stages)).map(async (name) => ({ name, madeAtMs: (await stat(join(stages, name))).mtimeMs })),
  );
  found.sort((a, b) => b.madeAtMs - a.madeAtMs);
  for (const { name } of found.slice(kept)) await rm(join(stages, name), { recursive: true, force: true });
}
