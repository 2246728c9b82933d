/** Draws src/main/icons/*.png from resources/icon.svg with Chromium. Run by hand after the drawing changed. */
import { readFile, writeFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const SIZES = { 'icon.png': 256, 'tray.png': 32 };
const icons = new URL('../src/main/icons/', import.meta.url);

const drawing = await readFile(new URL('../resources/icon.svg', import.meta.url), 'utf8');
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
for (const [name, size] of Object.entries(SIZES)) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(`<style>body{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${drawing}`);
  await writeFile(new URL(name, icons), await page.screenshot({ omitBackground: true }));
}
await browser.close();
