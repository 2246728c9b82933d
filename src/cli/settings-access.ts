/** Reads and changes settings, wherever they can be reached: in the running instance, or in the data folder itself. */
import { existsSync } from 'node:fs';
import { claimDataDir } from '../app/instance-lock.ts';
import { ok, type Result } from '../core/result.ts';
import { DEFAULT_SETTINGS, parseSetting, type SettingKey, type Settings } from '../core/settings/settings.ts';
import type { Disposable } from '../core/time.ts';
import type { Log } from '../engine/ports.ts';
import { packageVersion } from '../node/package-version.ts';
import { systemClock } from '../node/system-clock.ts';
import { connectToInstance } from './running-instance.ts';

export interface SettingsAccess extends Disposable {
  read(): Promise<Result<Settings>>;
  /** Answers all settings after the change; `invalid-argument` where the value does not fit. */
  change(key: SettingKey, value: unknown): Promise<Result<Settings>>;
}

/** An instance may start, or end, between looking for it and taking its folder; not time and again. */
const TRIES = 3;

/** Only `write` may make a data folder that does not exist yet. */
export async function openSettings(
  dataDir: string,
  intent: 'read' | 'write',
  triesLeft = TRIES,
): Promise<Result<SettingsAccess>> {
  const running = await connectToInstance(dataDir);
  if (running.ok) {
    const client = running.value;
    return ok({
      read: () => client.call('settings.list', {}),
      change: (key, value) => client.call('settings.set', { key, value }),
      dispose: () => client.dispose(),
    });
  }
  if (running.error.code !== 'unavailable') return running;
  if (intent === 'read' && !existsSync(dataDir)) return ok(defaultsOnly());
  const folder = await openFolder(dataDir);
  const isTakenMeanwhile = !folder.ok && folder.error.code === 'unavailable' && triesLeft > 1;
  return isTakenMeanwhile ? openSettings(dataDir, intent, triesLeft - 1) : folder;
}

async function openFolder(dataDir: string): Promise<Result<SettingsAccess>> {
  const claim = await claimDataDir({ dataDir, kind: 'command', version: packageVersion(), clock: systemClock });
  if (claim.kind !== 'claimed') return { ok: false, error: claim.error };
  const { createThreadedStore } = await import('../node/storage/store.ts');
  const store = createThreadedStore({ dataDir, log: quiet });
  const dispose = async () => {
    await store.dispose();
    claim.lock.dispose();
  };
  const opened = await store.open();
  if (!opened.ok) {
    await dispose();
    return opened;
  }
  return ok({
    read: async () => ok(opened.value.settings),
    change: async (key, value) => {
      const parsed = parseSetting(key, value);
      return parsed.ok ? store.saveSetting(key, parsed.value) : parsed;
    },
    dispose,
  });
}

/** What holds on a folder that does not exist: nobody changed anything yet. */
function defaultsOnly(): SettingsAccess {
  return {
    read: async () => ok(DEFAULT_SETTINGS),
    change: async () => {
      throw new Error('Opened for reading.');
    },
    dispose: () => undefined,
  };
}

const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
