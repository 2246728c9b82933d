/** The settings as the app holds them, and the theme they give the window. */
import type { Failure, Result } from '../../core/result.ts';
import type { SettingKey, Settings } from '../../core/settings/settings.ts';
import type { Disposable } from '../../core/time.ts';
import { call, on } from '../api.ts';
import { createStore } from './store.ts';

export type SettingsState =
  | { readonly status: 'loading' }
  | { readonly status: 'error'; readonly failure: Failure }
  | { readonly status: 'ready'; readonly settings: Settings };

export const settings = createStore<SettingsState>({ status: 'loading' });

export function startSettings(): Disposable {
  const stop = on('settings:changed', accept);
  const systemTheme = window.matchMedia('(prefers-color-scheme: light)');
  systemTheme.addEventListener('change', applyTheme);
  applyTheme();
  void reloadSettings();
  return {
    dispose() {
      stop();
      systemTheme.removeEventListener('change', applyTheme);
    },
  };
}

export async function reloadSettings(): Promise<void> {
  if (settings.get().status === 'error') settings.set({ status: 'loading' });
  const answer = await call('settings:get');
  if (answer.ok) accept(answer.value);
  else if (settings.get().status !== 'ready') settings.set({ status: 'error', failure: answer.error });
}

/** Changes one setting at once; a refusal answers the sentence to show and changes nothing. */
export async function changeSetting(key: SettingKey, value: unknown): Promise<Result<Settings>> {
  const answer = await call('settings:set', key, value);
  if (answer.ok) accept(answer.value);
  return answer;
}

function accept(next: Settings): void {
  settings.set({ status: 'ready', settings: next });
  applyTheme();
}

/** `data-theme` is always dark or light, so that a fixed theme and a followed one take the same path through the CSS. */
function applyTheme(): void {
  const state = settings.get();
  const chosen = state.status === 'ready' ? state.settings.theme : 'system';
  const systemTheme = window.matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
  const theme = chosen === 'system' ? systemTheme : chosen;
  if (document.documentElement.dataset.theme === theme) return;
  document.documentElement.dataset.theme = theme;
  themeName.set(theme);
}

/** The theme in force, for what draws on a canvas and must draw again. */
export const themeName = createStore<'dark' | 'light'>('dark');
