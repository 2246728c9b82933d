/**
 * Takes the README's screenshot from the real app:
 * `xvfb-run -a -s "-screen 0 1920x1200x24" node scripts/screenshot.ts DATA_DIR`, on a folder with some history.
 */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron } from 'playwright-core';
import { buildIfNeeded } from './build/build.ts';
import { projectFolder } from './project.ts';
import { readyApp, resolveRuntime } from './runtime/resolve.ts';

const say = (line: string) => console.log(line);
const PICTURE = join(projectFolder, 'docs', 'images', 'labwatch.png');
/** Long enough for a minute's sparkline. */
const LIVE_MS = 65_000;

const [history] = process.argv.slice(2);
const dataDir = mkdtempSync(join(tmpdir(), 'labwatch-shot-'));
if (history !== undefined) {
  cpSync(history, dataDir, { recursive: true, filter: (path) => !/engine-lock|control/.test(path) });
}
const bounds = { x: 0, y: 0, width: 1440, height: 900 };
writeFileSync(join(dataDir, 'window.json'), JSON.stringify({ bounds, theme: 'dark' }));

const stamp = await buildIfNeeded(projectFolder, say);
const runtime = await resolveRuntime(say);
const args = [...runtime.args, await readyApp(runtime, stamp), '--data-dir', dataDir];
const app = await _electron.launch({ executablePath: runtime.executablePath, args });
const page = await app.firstWindow();
await page.evaluate(() => window.labwatch.call('settings:set', 'theme', 'dark'));
await new Promise((resolve) => setTimeout(resolve, LIVE_MS));
await page.screenshot({ path: PICTURE });
await app.evaluate((electron) => electron.app.quit()).catch(() => undefined);
rmSync(dataDir, { recursive: true, force: true });
say(`Wrote ${PICTURE}.`);
process.exit(0);
