/** Leaves in order: whatever asks the app to quit, the engine is closed first, within a limit. */
import { app } from 'electron';
import type { Disposable } from '../core/time.ts';

/** The store needs far less; past this a stuck disk must not keep a person from logging out. */
const CLOSE_LIMIT_MS = 8_000;

/** On quit, calls `prepare` at once, then disposes what `parts` answers (last first), then exits. */
export function leaveInOrder(prepare: () => void, parts: () => Promise<readonly Disposable[]>): void {
  let isLeaving = false;
  app.on('before-quit', (event) => {
    event.preventDefault();
    if (isLeaving) return;
    isLeaving = true;
    prepare();
    const limit = new Promise((resolve) => setTimeout(resolve, CLOSE_LIMIT_MS));
    void Promise.race([closeAll(parts), limit]).finally(() => app.exit(0));
  });
  // The window only hides; if the desktop closes it for good, the tray still holds the app.
  app.on('window-all-closed', () => undefined);
}

async function closeAll(parts: () => Promise<readonly Disposable[]>): Promise<void> {
  for (const part of [...(await parts())].reverse()) await part.dispose();
}
