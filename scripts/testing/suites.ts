// The vitest suites, what each runs inside of, and which of them a filter concerns.
import { readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { TestOptions } from './options.ts';

export type SuiteToRun = {
  readonly name: string;
  /** The vitest projects that it is made of. */
  readonly projects: readonly string[];
  /** A program and arguments that the suite runs inside of. */
  readonly wrapper: readonly string[];
  /** Whether its tests open the built app, in a browser or in Electron. */
  readonly opensApp: boolean;
};

/**
 * A display of its own and a session bus of its own: the tests neither see nor disturb the desktop they run on. Without
 * -noreset the display begins anew when its last client leaves, and who comes at that moment finds none.
 */
const ownDesktop = ['xvfb-run', '-a', '-s', '-screen 0 1440x900x24 -noreset', 'dbus-run-session', '--'];

const suites = [
  { name: 'unit', projects: ['unit', 'pure'], folders: undefined, wrapper: [], opensApp: false },
  { name: 'ui', projects: ['ui'], folders: ['ui'], wrapper: [], opensApp: true },
  {
    name: 'e2e',
    projects: ['e2e'],
    folders: ['e2e'],
    wrapper: process.platform === 'linux' ? ownDesktop : [],
    opensApp: true,
  },
];

const notTests = ['support', 'bench'];

/** The suites that have a test file matching the filters. */
export async function suitesToRun(project: string, options: TestOptions): Promise<readonly SuiteToRun[]> {
  const files = (await readdir(join(project, 'test'), { recursive: true }))
    .filter((file) => /\.test\.tsx?$/.test(file) && (options.isLong || !/\.long\.test\./.test(file)))
    .map((file) => `test/${file.split(sep).join('/')}`);
  const wanted = files.filter(
    (file) => options.filters.length === 0 || options.filters.some((part) => file.includes(part)),
  );
  const folders = new Set(wanted.map((file) => file.split('/')[1] ?? ''));
  const desktopFolders = suites.flatMap(({ folders: own }) => own ?? []);
  return suites.filter(({ folders: own }) =>
    own === undefined
      ? [...folders].some((folder) => !desktopFolders.includes(folder) && !notTests.includes(folder))
      : own.some((folder) => folders.has(folder)),
  );
}
