/** Handles on the fake lab inside the page. */
import type { Page } from 'playwright-core';
import type { Calls, UiState } from '../../../src/shared/ipc/contract.ts';

/** The page's `window`, as far as the fake lab put something there. */
export function callsOf(page: Page, name: keyof Calls): Promise<readonly unknown[][]> {
  return page.evaluate(
    (wanted) => window.fakeLab.calls.filter((call) => call.name === wanted).map(({ args }) => [...args]),
    name,
  );
}

export function storedUiState(page: Page): Promise<UiState> {
  return page.evaluate(() => window.fakeLab.uiState());
}

/** Hides or shows the page as minimising the window does. */
export function setVisibility(page: Page, state: 'visible' | 'hidden'): Promise<void> {
  return page.evaluate((next) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => next });
    document.dispatchEvent(new Event('visibilitychange'));
  }, state);
}
