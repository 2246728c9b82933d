/** Everything the palette reaches, made anew each time it opens: workers, views, settings, levels, ranges, actions. */
import { LEVELS } from '../../core/metrics/level.ts';
import { SETTINGS } from '../../core/settings/settings.ts';
import { openAddWorker } from '../add-worker/add-worker-state.ts';
import { call } from '../api.ts';
import { LEVEL_WORDS } from '../detail/level-words.ts';
import { askToRemove, startRename } from '../detail/worker-actions.ts';
import { stateMark, stateWords } from '../fleet/worker-state.ts';
import { toggleKeysDialog } from '../frame/keys-dialog-state.ts';
import { VIEWS } from '../frame/views.ts';
import { openNewTask } from '../new-task/new-task-state.ts';
import { scrollToGroup } from '../settings/scroll-to-group.ts';
import { SETTING_GROUPS } from '../settings/setting-groups.ts';
import { appInfo } from '../state/app-info.ts';
import { fleet, orderOf, workerOf, workersOf } from '../state/fleet.ts';
import { changeSetting } from '../state/settings.ts';
import { goToTask } from '../state/task-place.ts';
import { TIME_RANGES } from '../state/time-range.ts';
import { changeUi, togglePin, ui } from '../state/ui.ts';
import { taskMark } from '../tasks/task-words.ts';
import type { Mark } from '../ui/state-mark.tsx';
import { unturned } from '../ui/unturned.ts';

export interface Command {
  readonly id: string;
  readonly kind: 'Worker' | 'Task' | 'View' | 'Setting' | 'Level' | 'Range' | 'Action';
  readonly title: string;
  readonly note: string;
  readonly mark?: Mark;
  /** More words that find it. */
  readonly words?: string;
  run(): void;
}

export function allCommands(nowMs: number): readonly Command[] {
  return [...workers(nowMs), ...views(), ...actions(), ...levels(), ...ranges(), ...settingGroups(), ...themes()];
}

function workers(nowMs: number): readonly Command[] {
  const state = fleet.get();
  return orderOf(state).flatMap((id) => {
    const worker = workerOf(state, id);
    if (worker === undefined) return [];
    return {
      id: `worker ${id}`,
      kind: 'Worker' as const,
      title: worker.name,
      note: [stateWords(worker, nowMs), worker.isLocal ? 'this machine' : worker.headline].filter(Boolean).join(' · '),
      mark: stateMark(worker),
      run: () => changeUi({ view: 'fleet', openWorkerId: id }),
    };
  });
}

const MOST_TASKS = 8;

/** Tasks that the app finds by these words, newest first; none where it does not answer. */
export async function taskCommands(search: string): Promise<readonly Command[]> {
  const answer = await call('tasks:find', { search, limit: MOST_TASKS });
  if (!answer.ok) return [];
  return answer.value.tasks.map((task) => ({
    id: `task ${task.taskId}`,
    kind: 'Task',
    title: unturned(task.name),
    note: `${task.state} · ${unturned(task.runName)}`,
    mark: taskMark(task.state),
    run: () => goToTask(task.taskId),
  }));
}

function views(): readonly Command[] {
  return VIEWS.map((view, index) => ({
    id: `view ${view.id}`,
    kind: 'View',
    title: view.title,
    note: `key ${index + 1}`,
    run: () => changeUi({ view: view.id }),
  }));
}

/** Of the open worker, else of this machine. */
function levels(): readonly Command[] {
  const state = fleet.get();
  const local = [...workersOf(state).values()].find((worker) => worker.isLocal);
  const worker = workerOf(state, ui.get().openWorkerId ?? null) ?? local;
  if (worker === undefined) return [];
  return LEVELS.map((level) => ({
    id: `level ${level}`,
    kind: 'Level',
    title: `Sample ${worker.name} at level ${level}`,
    note: worker.level === level ? 'now' : (LEVEL_WORDS[level].split(/[.:]/)[0] ?? ''),
    run: () => void call('worker:set-level', worker.workerId, level),
  }));
}

function ranges(): readonly Command[] {
  return TIME_RANGES.map(({ id, title }) => ({
    id: `range ${id}`,
    kind: 'Range',
    title: `Show the last ${title}`,
    note: ui.get().range === id ? 'now' : '',
    words: 'time range charts',
    run: () => changeUi({ range: id }),
  }));
}

function settingGroups(): readonly Command[] {
  const goTo = (groupId: string) => () => {
    changeUi({ view: 'settings' });
    scrollToGroup.request(groupId);
  };
  const groups = SETTING_GROUPS.map(
    ({ id, title, keys }): Command => ({
      id: `settings ${id}`,
      kind: 'Setting',
      title: `Settings: ${title}`,
      note: keys.map((key) => SETTINGS[key].title).join(', '),
      words: keys.join(' '),
      run: goTo(id),
    }),
  );
  return [
    ...groups,
    { id: 'settings data', kind: 'Setting', title: 'Settings: Data folder', note: 'path, logs', run: goTo('data') },
    { id: 'settings about', kind: 'Setting', title: 'Settings: About', note: 'versions', run: goTo('about') },
  ];
}

function themes(): readonly Command[] {
  return (['system', 'dark', 'light'] as const).map((theme) => ({
    id: `theme ${theme}`,
    kind: 'Action',
    title: theme === 'system' ? 'Theme: follow the system' : `Theme: ${theme}`,
    note: '',
    words: 'appearance colour',
    run: () => void changeSetting('theme', theme),
  }));
}

function actions(): readonly Command[] {
  const { density, openWorkerId } = ui.get();
  const other = density === 'compact' ? 'comfortable' : 'compact';
  const open = workerOf(fleet.get(), openWorkerId ?? null);
  const isPinned = open !== undefined && ui.get().pins.includes(open.workerId);
  const commands: Command[] = [
    { ...action('new task', 'New task', 'key n', () => openNewTask()), words: 'run command submit plan job' },
    { ...action('add worker', 'Add a worker', '', openAddWorker), words: 'machine join pair invite code' },
    action('open data', 'Open data folder', appInfo.get()?.dataDir ?? '', () => void call('app:open', 'data')),
    action('open logs', 'Open logs', appInfo.get()?.logsDir ?? '', () => void call('app:open', 'logs')),
    action('density', `Show ${other} tiles`, '', () => changeUi({ view: 'fleet', density: other })),
    action('keys', 'List the keys', 'key ?', toggleKeysDialog),
  ];
  if (open === undefined) return commands;
  return [
    action('close', `Close ${open.name}`, 'Esc', () => changeUi({ openWorkerId: null })),
    action('pin', isPinned ? `Unpin ${open.name}` : `Pin ${open.name} to the front`, 'key p', () =>
      togglePin(open.workerId),
    ),
    action('rename', `Rename ${open.name}`, 'key F2', () => startRename(open.workerId)),
    ...(open.remote === null ? [] : [action('remove', `Remove ${open.name} …`, '', () => askToRemove(open.workerId))]),
    action('hardware', `Read the hardware of ${open.name} again`, '', () => {
      void call('worker:refresh-inventory', open.workerId);
    }),
    ...commands,
  ];
}

function action(id: string, title: string, note: string, run: () => void): Command {
  return { id, kind: 'Action', title, note, run };
}
