/** Where the data lives, and which Labwatch this is. */
import { FolderOpen, ScrollText } from 'lucide-react';
import { useState } from 'react';
import { call } from '../api.ts';
import { appInfo } from '../state/app-info.ts';
import { useStore } from '../state/store.ts';
import { CopyButton } from '../ui/copy-button.tsx';

export function DataFolder() {
  const dataDir = useStore(appInfo, (info) => info?.dataDir ?? null);
  const [failure, setFailure] = useState<string | null>(null);
  const open = async (folder: 'data' | 'logs') => {
    const answer = await call('app:open', folder);
    setFailure(answer.ok ? null : answer.error.message);
  };
  return (
    <section id="settings-data" className="setting-group" aria-label="Data folder">
      <h2>Data folder</h2>
      <div className="setting">
        <div className="setting-words">
          <p className="setting-title path selectable">{dataDir ?? '–'}</p>
          <p className="muted">
            History, settings and logs; nothing leaves this machine. Start Labwatch with{' '}
            <code className="no-wrap">--data-dir</code> to use another.
          </p>
          {failure === null ? null : (
            <p className="setting-failure" role="alert">
              {failure}
            </p>
          )}
        </div>
        <div className="setting-control">
          <button type="button" className="button" onClick={() => void open('data')}>
            <FolderOpen size={14} aria-hidden="true" /> Open data folder
          </button>
          <button type="button" className="button" onClick={() => void open('logs')}>
            <ScrollText size={14} aria-hidden="true" /> Open logs
          </button>
        </div>
      </div>
    </section>
  );
}

export function About() {
  const info = useStore(appInfo, (current) => current);
  if (info === null) return null;
  const { version, runtime, hasTray } = info;
  const words = `Labwatch ${version}, Electron ${runtime.electron}, Chromium ${runtime.chromium}, Node ${runtime.node}`;
  return (
    <section id="settings-about" className="setting-group" aria-label="About">
      <h2>About</h2>
      <div className="setting">
        <div className="setting-words">
          <p className="setting-title selectable">Labwatch {version}</p>
          <p className="muted selectable">
            Electron {runtime.electron} · Chromium {runtime.chromium} · Node {runtime.node}
          </p>
          <p className="muted">
            {hasTray
              ? 'Closing the window leaves Labwatch watching in the tray; the menu there quits it.'
              : 'This desktop shows no tray icons, so closing the window minimises it.'}
          </p>
        </div>
        <div className="setting-control">
          <CopyButton text={words} label="Copy the versions" />
        </div>
      </div>
    </section>
  );
}
