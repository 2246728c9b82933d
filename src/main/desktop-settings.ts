/** The settings that are the desktop's to apply: theme and start at login. The instance applies the others itself. */
import type { Instance } from '../app/instance.ts';
import { parseSetting, type Settings } from '../core/settings/settings.ts';
import type { Disposable } from '../core/time.ts';
import type { Log } from '../engine/ports.ts';
import { setStartAtLogin } from './login-item.ts';

/**
 * Applies what is set now and whatever changes later, from the window or from `labwatch settings`. What cannot be applied
 * goes to the log.
 */
export function followSettings(instance: Instance, setTheme: (theme: Settings['theme']) => void, log: Log): Disposable {
  let applied: Settings | null = null;
  const apply = async (settings: Settings) => {
    const before = applied;
    applied = settings;
    if (settings.theme !== before?.theme) setTheme(settings.theme);
    if (settings.startAtLogin === before?.startAtLogin) return;
    const result = await setStartAtLogin(settings.startAtLogin, instance.dataDir);
    if (!result.ok) log.warn(result.error.message);
  };
  void apply(instance.settings());
  return instance.onSettings((settings) => void apply(settings));
}

/** Changes a setting for the window, which is told what the desktop refuses before anything is stored. */
export function changeSettingOf(instance: Instance): Instance['changeSetting'] {
  return async (key, value) => {
    const parsed = parseSetting(key, value);
    if (key === 'startAtLogin' && parsed.ok) {
      const applied = await setStartAtLogin(parsed.value as boolean, instance.dataDir);
      if (!applied.ok) return applied;
    }
    return instance.changeSetting(key, value);
  };
}
