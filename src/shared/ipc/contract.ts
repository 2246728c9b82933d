/**
 * Every message between the window and the app, with its signature. The preload bridge, the renderer's API, the main
 * process's handlers and the test fake all derive from these two tables; there is no other channel.
 */
import type { Inventory } from '../../core/fleet/inventory.ts';
import type { LabelChange } from '../../core/fleet/labels.ts';
import type { InvitationView, ListenerView } from '../../core/fleet/listener.ts';
import type { WorkerId, WorkerView } from '../../core/fleet/worker.ts';
import type { History, HistoryRequest, SeriesInfo } from '../../core/metrics/history.ts';
import type { Level } from '../../core/metrics/level.ts';
import type { ProcessSnapshot, Tick, WorkerEvent } from '../../core/metrics/sample.ts';
import type { Result } from '../../core/result.ts';
import type { Admission } from '../../core/scheduling/place.ts';
import type { SettingKey, Settings } from '../../core/settings/settings.ts';
import type { StorageNotice, StorageUsage } from '../../core/storage-report.ts';
import type { AttemptPulse } from '../../core/tasks/attempt.ts';
import type { AttemptId, RunId, TaskId } from '../../core/tasks/task.ts';
import type {
  AttemptQuery,
  AttemptsBetween,
  OutputPiece,
  RunView,
  TaskCounts,
  TaskDetail,
  TaskPage,
  TaskPatch,
  TaskQuery,
} from '../../core/tasks/view.ts';

/** The whole fleet at `revision`. */
export interface FleetSnapshot {
  readonly revision: number;
  readonly workers: readonly WorkerView[];
}

/** Workers that changed since `revision - 1`. A receiver that missed a revision asks for a snapshot again. */
export interface FleetPatch {
  readonly revision: number;
  readonly changed: readonly WorkerView[];
  readonly removed: readonly WorkerId[];
}

export interface AppInfo {
  readonly version: string;
  readonly runtime: { readonly electron: string; readonly chromium: string; readonly node: string };
  readonly dataDir: string;
  readonly logsDir: string;
  readonly localWorkerId: WorkerId;
  /** False where the desktop shows no tray icons: closing then minimises instead of hiding. */
  readonly hasTray: boolean;
  readonly notices: readonly StorageNotice[];
}

/** What the window remembers between starts. Unknown fields are kept, missing ones take their defaults. */
export type UiState = Readonly<Record<string, unknown>>;

/** Calls from the window: each answers a Result. */
export interface Calls {
  'app:info': () => AppInfo;
  'app:open': (folder: 'data' | 'logs') => null;
  /** Said once, when the first real value stands on the screen: the app notes how long the start took. */
  'app:painted': () => null;
  'fleet:snapshot': () => FleetSnapshot;
  /** Starts live ticks and process snapshots of one worker (ended by null or another worker). */
  'worker:watch': (workerId: WorkerId | null) => null;
  'worker:history': (request: HistoryRequest) => History;
  'worker:series': (workerId: WorkerId) => readonly SeriesInfo[];
  'worker:processes': (workerId: WorkerId, atMs: number | null) => ProcessSnapshot | null;
  'worker:inventory': (workerId: WorkerId) => Inventory | null;
  'worker:refresh-inventory': (workerId: WorkerId) => null;
  /** Brings this app's agent to a remote worker; answers when it runs there, or why it does not. */
  'worker:update-agent': (workerId: WorkerId) => null;
  'worker:events': (workerId: WorkerId, fromMs: number, toMs: number) => readonly WorkerEvent[];
  'worker:set-level': (workerId: WorkerId, level: Level) => null;
  /** Gives out a pairing code; the listener starts if it rested. */
  'workers:invite': () => InvitationView;
  /** Brings in a machine that waits to be dialled, by the code that it shows. */
  'workers:dial': (code: string) => WorkerId;
  'worker:rename': (workerId: WorkerId, name: string) => null;
  /** All of the changes or none. */
  'worker:label': (workerId: WorkerId, changes: readonly LabelChange[]) => null;
  /** In the lab's own currency; null takes the price away. */
  'worker:set-price': (workerId: WorkerId, pricePerHour: number | null) => null;
  /** Ends the trust in a remote worker for ever. */
  'worker:remove': (workerId: WorkerId) => null;
  /** Whether it takes new tasks. */
  'worker:set-admission': (workerId: WorkerId, admission: Admission) => null;
  /** A plan as text (JSON), and the folder of its file (for `bring`), null where it has none. */
  'tasks:submit': (plan: string, folder: string | null) => RunView;
  'tasks:find': (query: TaskQuery) => TaskPage;
  /** What ran when. */
  'attempts:between': (query: AttemptQuery) => AttemptsBetween;
  'tasks:runs': (limit: number) => readonly RunView[];
  /** The revision that patches count from, with the counts now. */
  'tasks:summary': () => { readonly revision: number; readonly counts: TaskCounts };
  'task:show': (taskId: TaskId) => TaskDetail;
  /** At most 64 KiB from `offset`; a negative offset counts from the end. */
  'task:output': (attemptId: AttemptId, offset: number) => OutputPiece;
  'task:cancel': (taskId: TaskId) => null;
  /** One more attempt of a task that is over. */
  'task:retry': (taskId: TaskId) => null;
  /** Lets a parked task go on. */
  'task:unpark': (taskId: TaskId) => null;
  'run:cancel': (runId: RunId) => null;
  /** The folder of fetched files, in the desktop's file manager. */
  'task:open-files': (attemptId: AttemptId) => null;
  'listener:get': () => ListenerView;
  'settings:get': () => Settings;
  'settings:set': (key: SettingKey, value: unknown) => Settings;
  'storage:usage': () => StorageUsage;
  'ui-state:get': () => UiState;
  'ui-state:set': (state: UiState) => null;
}

/** Messages to the window. */
export interface Pushes {
  'fleet:patch': FleetPatch;
  'worker:ticks': { readonly workerId: WorkerId; readonly ticks: readonly Tick[] };
  'worker:process-snapshot': { readonly workerId: WorkerId; readonly snapshot: ProcessSnapshot };
  /** At most four a second, while tasks change. */
  'tasks:patch': TaskPatch;
  /** Once a second, while something runs. */
  'tasks:pulses': readonly AttemptPulse[];
  'settings:changed': Settings;
  'listener:changed': ListenerView;
  'storage:notices': readonly StorageNotice[];
  /** A menu or tray item asks the window to go somewhere. */
  'ui:go': { readonly view: 'fleet' | 'tasks' | 'settings'; readonly workerId?: WorkerId };
}

/** The channel names at run time; the types prove that both lists are complete. */
export const CALLS = [
  'app:info',
  'app:open',
  'app:painted',
  'fleet:snapshot',
  'worker:watch',
  'worker:history',
  'worker:series',
  'worker:processes',
  'worker:inventory',
  'worker:refresh-inventory',
  'worker:update-agent',
  'worker:events',
  'worker:set-level',
  'workers:invite',
  'workers:dial',
  'worker:rename',
  'worker:label',
  'worker:set-price',
  'worker:remove',
  'worker:set-admission',
  'tasks:submit',
  'tasks:find',
  'attempts:between',
  'tasks:runs',
  'tasks:summary',
  'task:show',
  'task:output',
  'task:cancel',
  'task:retry',
  'task:unpark',
  'run:cancel',
  'task:open-files',
  'listener:get',
  'settings:get',
  'settings:set',
  'storage:usage',
  'ui-state:get',
  'ui-state:set',
] as const satisfies readonly (keyof Calls)[];

export const PUSHES = [
  'fleet:patch',
  'worker:ticks',
  'worker:process-snapshot',
  'tasks:patch',
  'tasks:pulses',
  'settings:changed',
  'listener:changed',
  'storage:notices',
  'ui:go',
] as const satisfies readonly (keyof Pushes)[];

/** Calls that are right when nothing comes with them: known without the schemas, so that the first ones need not wait. */
const CALLS_WITHOUT_ARGUMENTS: { readonly [Name in BareCall]: true } = {
  'app:info': true,
  'app:painted': true,
  'fleet:snapshot': true,
  'workers:invite': true,
  'tasks:summary': true,
  'listener:get': true,
  'settings:get': true,
  'storage:usage': true,
  'ui-state:get': true,
};

export type BareCall = { [Name in keyof Calls]: Parameters<Calls[Name]> extends [] ? Name : never }[keyof Calls];

export function isBareCall(name: keyof Calls): name is BareCall {
  return Object.hasOwn(CALLS_WITHOUT_ARGUMENTS, name);
}

type Missing = Exclude<keyof Calls, (typeof CALLS)[number]> | Exclude<keyof Pushes, (typeof PUSHES)[number]>;
true satisfies [Missing] extends [never] ? true : Missing;

/** What preload exposes as `window.labwatch`. */
export interface LabwatchBridge {
  call<Name extends keyof Calls>(
    name: Name,
    ...args: Parameters<Calls[Name]>
  ): Promise<Result<ReturnType<Calls[Name]>>>;
  /** Calls back for each message until the returned function is called. */
  on<Name extends keyof Pushes>(name: Name, listener: (payload: Pushes[Name]) => void): () => void;
  /** Where a file lies that a person dropped on the window; null for one that is not on the disk. */
  pathOf(file: File): string | null;
}
