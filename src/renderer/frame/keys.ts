/** The keys that work everywhere, and their list for `?`. */
import { openNewTask } from '../new-task/new-task-state.ts';
import { openPalette } from '../palette/palette-state.ts';
import { changeUi } from '../state/ui.ts';
import { escapeOnce } from '../ui/escape.ts';
import { isPlainKey } from './key-target.ts';
import { toggleKeysDialog } from './keys-dialog-state.ts';
import { pressSearchKey } from './search-key.ts';
import { VIEWS } from './views.ts';

export interface KeyHelp {
  readonly keys: readonly string[];
  readonly does: string;
}

export const KEY_HELP: readonly KeyHelp[] = [
  { keys: ['Ctrl', 'K'], does: 'Search workers, tasks, views, settings and actions' },
  ...VIEWS.map((view, index) => ({ keys: [String(index + 1)], does: `Show ${view.title}` })),
  { keys: ['/'], does: 'Search in the view' },
  { keys: ['n'], does: 'Write a new task' },
  {
    keys: ['←', '→', '↑', '↓'],
    does: 'Move among tiles, tasks or bars; in a chart, move the crosshair; in Timeline, pan and zoom',
  },
  { keys: ['Enter'], does: 'Open the worker, task or bar; in a chart, show the processes of that moment' },
  { keys: ['p'], does: 'Pin the worker to the front' },
  { keys: ['t'], does: 'Show the tasks of the worker' },
  { keys: ['F2'], does: 'Rename the open worker' },
  { keys: ['+', '−'], does: 'Zoom into charts or timeline and out again' },
  { keys: ['f', '0'], does: 'In Timeline: fit the bars in sight; back to now' },
  { keys: ['Esc'], does: 'Close what is open, reset the zoom' },
  { keys: ['?'], does: 'This list' },
];

/** Handles a key pressed anywhere; typing in a field is left alone but for Ctrl K and Escape. */
export function handleKey(event: KeyboardEvent): void {
  if (event.defaultPrevented) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
    event.preventDefault();
    openPalette();
    return;
  }
  if (event.key === 'Escape') {
    if (escapeOnce()) event.preventDefault();
    return;
  }
  if (!isPlainKey(event)) return;
  if (event.key === '/') {
    event.preventDefault();
    if (!pressSearchKey()) openPalette();
  } else if (event.key === 'n') {
    event.preventDefault();
    openNewTask();
  } else if (event.key === '?') {
    event.preventDefault();
    toggleKeysDialog();
  } else {
    const view = VIEWS[Number(event.key) - 1];
    if (view !== undefined) changeUi({ view: view.id });
  }
}
