/**
 * Where the window was and which theme it had, in a small file that can be read before the database is open: the first
 * frame then has the right place and colour.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rectangle } from 'electron';

export interface WindowState {
  readonly bounds: Partial<Rectangle> & { readonly width: number; readonly height: number };
  readonly isMaximized: boolean;
  readonly theme: 'system' | 'dark' | 'light';
  /** Whether the user was told that closing minimises on a desktop without a tray. */
  readonly toldAboutClosing: boolean;
}

const DEFAULT_STATE: WindowState = {
  bounds: { width: 1_280, height: 820 },
  isMaximized: false,
  theme: 'system',
  toldAboutClosing: false,
};

/** The stored state; whatever is missing or damaged takes its default. */
export function readWindowState(dataDir: string): WindowState {
  try {
    const stored = JSON.parse(readFileSync(fileIn(dataDir), 'utf8')) as Partial<WindowState>;
    const bounds = stored.bounds;
    const isUsable = bounds !== undefined && bounds.width >= 480 && bounds.height >= 360;
    return { ...DEFAULT_STATE, ...stored, bounds: isUsable ? bounds : DEFAULT_STATE.bounds };
  } catch {
    return DEFAULT_STATE;
  }
}

/** Best effort: a folder that cannot be written only costs the memory of the window's place. */
export function writeWindowState(dataDir: string, state: WindowState): void {
  try {
    writeFileSync(fileIn(dataDir), JSON.stringify(state), { mode: 0o600 });
  } catch {
    return;
  }
}

function fileIn(dataDir: string): string {
  return join(dataDir, 'window.json');
}
