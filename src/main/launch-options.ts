/** What the app was started with. */
import { parseArgs } from 'node:util';
import { dataDirPath } from '../node/data-dir.ts';

export interface LaunchOptions {
  readonly dataDir: string;
  /** Start in the tray, as at login. */
  readonly startsHidden: boolean;
}

/** Reads `--data-dir DIR` and `--hidden`; Electron's and Chromium's own switches pass by. */
export function readLaunchOptions(argv: readonly string[]): LaunchOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: { 'data-dir': { type: 'string' }, hidden: { type: 'boolean' } },
    strict: false,
    allowPositionals: true,
  });
  const dataDir = values['data-dir'];
  return {
    dataDir: dataDirPath(typeof dataDir === 'string' ? dataDir : undefined),
    startsHidden: values.hidden === true,
  };
}
