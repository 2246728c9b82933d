/** What the app says of itself: version, folders, and the storage notices that a person must know of. */
import type { StorageNotice } from '../../core/storage-report.ts';
import type { Disposable } from '../../core/time.ts';
import type { AppInfo } from '../../shared/ipc/contract.ts';
import { call, on } from '../api.ts';
import { createStore } from './store.ts';

export const appInfo = createStore<AppInfo | null>(null);
export const notices = createStore<readonly StorageNotice[]>([]);

export function startAppInfo(): Disposable {
  const stop = on('storage:notices', (next) => notices.set(next));
  void loadAppInfo();
  return { dispose: stop };
}

async function loadAppInfo(): Promise<void> {
  const answer = await call('app:info');
  if (!answer.ok) return;
  appInfo.set(answer.value);
  notices.set(answer.value.notices);
}
