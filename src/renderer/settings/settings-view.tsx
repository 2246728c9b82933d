/** Settings: every entry of the table, what it means, the data folder, and what this Labwatch is. */
import { useEffect } from 'react';
import type { SettingKey, Settings } from '../../core/settings/settings.ts';
import { LEVEL_WORDS } from '../detail/level-words.ts';
import { notices } from '../state/app-info.ts';
import { reloadSettings, settings as settingsStore } from '../state/settings.ts';
import { useStore } from '../state/store.ts';
import { ErrorState, LoadingState } from '../ui/view-state.tsx';
import { About, DataFolder } from './app-sections.tsx';
import { ListenerStatus } from './listener-status.tsx';
import { ageWords, isAgeKey } from './retention-words.ts';
import { scrollToGroup } from './scroll-to-group.ts';
import { SETTING_GROUPS } from './setting-groups.ts';
import { SettingRow } from './setting-row.tsx';
import { StorageSummary, useStorageUsage } from './storage-summary.tsx';
import './settings.css';

export function SettingsView() {
  const state = useStore(settingsStore, (current) => current);
  if (state.status === 'loading') return <LoadingState what="the settings" />;
  if (state.status === 'error') {
    return <ErrorState what="The settings" failure={state.failure} onRetry={() => void reloadSettings()} />;
  }
  return <SettingsList settings={state.settings} />;
}

function SettingsList({ settings }: { readonly settings: Settings }) {
  const { usage, failure, reload } = useStorageUsage(settings);
  const isNotStored = useStore(notices, (list) =>
    list.some(({ kind }) => kind === 'memory-only' || kind === 'newer-schema'),
  );
  useEffect(() => scrollToGroup.attach(), []);
  const meaningOf = (key: SettingKey) =>
    usage !== null && isAgeKey(key) ? (value: number) => ageWords(key, value, settings, usage) : undefined;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="settings" tabIndex={0} aria-label="All settings">
      <div className="settings-body">
        {isNotStored ? (
          <p className="stale-note" role="status">
            Nothing can be stored now: changes hold until Labwatch ends. The notice above says what to do.
          </p>
        ) : null}
        {SETTING_GROUPS.map((group) => (
          <section key={group.id} id={`settings-${group.id}`} className="setting-group" aria-label={group.title}>
            <h2>{group.title}</h2>
            {group.keys.map((key) => (
              <SettingRow
                key={key}
                settingKey={key}
                settings={settings}
                {...(meaningOf(key) === undefined
                  ? {}
                  : { meaning: meaningOf(key) as (value: number) => string | null })}
                {...(key === 'level' ? { note: LEVEL_WORDS[settings.level] } : {})}
              />
            ))}
            {group.id === 'workers' ? <ListenerStatus /> : null}
            {group.id !== 'history' ? null : usage !== null ? (
              <StorageSummary usage={usage} settings={settings} />
            ) : failure !== null ? (
              <ErrorState what="The size of the history" failure={failure} onRetry={reload} />
            ) : (
              <LoadingState what="the size of the history" />
            )}
          </section>
        ))}
        <DataFolder />
        <About />
      </div>
    </section>
  );
}
