/** A view in one of its states, and what axe says of it in both themes. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Scenario } from '../fake/scenario.ts';
import type { Windows } from '../support/open-window.ts';

export interface Scene {
  readonly name: string;
  readonly scenario: Partial<Scenario>;
  readonly size?: { readonly width: number; readonly height: number };
  /** Leads to what is looked at, and waits for it. */
  readonly arrange: (page: Page) => Promise<unknown>;
}

/** Opens the scene in the dark theme and goes over to the light one in its place. */
export async function violationsInBothThemes(
  windows: Windows,
  { scenario, size, arrange }: Scene,
): Promise<{ readonly dark: readonly string[]; readonly light: readonly string[] }> {
  const page = await windows.open({ theme: 'dark', scenario, ...(size === undefined ? {} : { size }) });
  await arrange(page);
  const dark = await violations(page, 'dark');
  await page.emulateMedia({ colorScheme: 'light' });
  return { dark, light: await violations(page, 'light') };
}

async function violations(page: Page, theme: 'dark' | 'light'): Promise<readonly string[]> {
  await expect.poll(() => page.evaluate(() => document.documentElement.dataset.theme)).toBe(theme);
  // A colour on its way from one theme to the other belongs to neither.
  await page.evaluate(async () => {
    const transitions = document.getAnimations().filter((one) => one instanceof CSSTransition);
    await Promise.allSettled(transitions.map(({ finished }) => finished));
  });
  // The pages hold no frames. Only those need the other mode, which opens a page more each time.
  const found = await new AxeBuilder({ page }).setLegacyMode().analyze();
  return found.violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('\n')}`,
  );
}
