/**
 * Opens the built window in Chromium over a fake lab: one page for a test file, loaded anew for each test. The scenario
 * travels in the address, because a page's scripts cannot be exchanged.
 */
import { type Browser, chromium, type Page } from 'playwright-core';
import { inject } from 'vitest';
import type { Scenario } from '../fake/scenario.ts';
import { serveFolder } from './static-server.ts';

export interface WindowOptions {
  readonly scenario?: Partial<Scenario>;
  readonly size?: { readonly width: number; readonly height: number };
  /** The system's theme; the setting follows it unless the scenario fixes it. */
  readonly theme?: 'dark' | 'light';
  readonly isMotionReduced?: boolean;
}

export interface Windows {
  open(options?: WindowOptions): Promise<Page>;
  /** Everything that pages reported as errors since the last call. */
  takeErrors(): readonly string[];
  close(): Promise<void>;
}

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** A browser for the test file, over what the suite has built. */
export async function startWindows(): Promise<Windows> {
  const { folder, fakeLab } = inject('builtWindow');
  const server = await serveFolder(folder);
  const browser: Browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  const context = await browser.newContext({ timezoneId: 'Europe/Berlin' });
  await context.addInitScript({ content: fakeLab });
  const page = await context.newPage();
  let errors: string[] = [];
  let opened = 0;
  page.on('pageerror', (error) => errors.push(error.stack ?? error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  return {
    async open({ scenario = {}, size = { width: 1440, height: 900 }, theme = 'dark', isMotionReduced = false } = {}) {
      await page.mouse.move(0, 0);
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme: theme, reducedMotion: isMotionReduced ? 'reduce' : 'no-preference' });
      opened += 1;
      await page.goto(`${server.url}?${opened}#${encodeURIComponent(JSON.stringify(scenario))}`);
      return page;
    },
    takeErrors() {
      const taken = errors;
      errors = [];
      return taken;
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}
