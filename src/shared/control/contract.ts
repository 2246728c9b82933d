/**
 * Every request over the control socket, with its signature; the server's handlers, the parameter schemas and the
 * client all derive from this table. The wire form is in `frames.ts`.
 */
import type { Inventory } from '../../core/fleet/inventory.ts';
import type { LabelChange } from '../../core/fleet/labels.ts';
import type { InvitationView, ListenerView } from '../../core/fleet/listener.ts';
import type { WorkerView } from '../../core/fleet/worker.ts';
import type { Level } from '../../core/metrics/level.ts';
import type { Admission } from '../../core/scheduling/place.ts';
import type { SettingKey, Settings } from '../../core/settings/settings.ts';
import type { StorageNotice, StorageUsage } from '../../core/storage-report.ts';
import type { AttemptId } from '../../core/tasks/task.ts';
import type { OutputPiece, RunView, TaskDetail, TaskPage, TaskQuery, TaskView } from '../../core/tasks/view.ts';
import type { FleetPatch, FleetSnapshot } from '../ipc/contract.ts';

export interface InstanceInfo {
  readonly kind: 'app' | 'headless';
  readonly version: string;
  readonly pid: number;
  /** Wall time at which the instance took its data folder. */
  readonly sinceMs: number;
  readonly dataDir: string;
}

export interface StatusReport {
  readonly instance: InstanceInfo;
  /** The instance's clock when it answered: ages count from here. */
  readonly nowMs: number;
  readonly workers: readonly WorkerView[];
  readonly notices: readonly StorageNotice[];
}

/** What the instance itself knows of its health; `labwatch doctor` adds what can be seen from outside. */
export interface HealthReport extends StatusReport {
  readonly nodeVersion: string;
  readonly logsDir: string;
  /** Null when the store could not say; then `usageProblem` does. */
  readonly usage: StorageUsage | null;
  readonly usageProblem: string | null;
}

/** One worker, with what it is made of. */
export interface WorkerDetail {
  readonly worker: WorkerView;
  /** The newest that tells something new; null before the first. */
  readonly inventory: Inventory | null;
}

/** The live fleet: a snapshot first, and again whenever the reader fell behind, patches between. */
export type FleetEvent =
  | { readonly kind: 'snapshot'; readonly nowMs: number; readonly snapshot: FleetSnapshot }
  | { readonly kind: 'patch'; readonly nowMs: number; readonly patch: FleetPatch };

export interface ControlMethods {
  status: { params: Record<never, never>; value: StatusReport; event: never };
  /** Streams until the client closes the connection. */
  watch: { params: Record<never, never>; value: null; event: FleetEvent };
  'settings.list': { params: Record<never, never>; value: Settings; event: never };
  'settings.get': { params: { readonly key: SettingKey }; value: Settings[SettingKey]; event: never };
  'settings.set': { params: { readonly key: SettingKey; readonly value: unknown }; value: Settings; event: never };
  /** `worker` is a name or an id; without it: the local one. */
  'level.set': {
    params: { readonly worker?: string | undefined; readonly level: Level };
    value: null;
    event: never;
  };
  /** Gives out a pairing code. */
  'workers.invite': { params: Record<never, never>; value: InvitationView; event: never };
  /** Dials a machine that waits, by the code that it shows; the worker that it is from then on. */
  'workers.dial': { params: { readonly code: string }; value: WorkerView; event: never };
  /** `worker` is a name or an id. */
  'workers.rename': { params: { readonly worker: string; readonly name: string }; value: WorkerView; event: never };
  'workers.remove': { params: { readonly worker: string }; value: WorkerView; event: never };
  /** All of the changes or none. */
  'workers.label': {
    params: { readonly worker: string; readonly changes: readonly LabelChange[] };
    value: WorkerView;
    event: never;
  };
  /** Null takes the price away. */
  'workers.price': {
    params: { readonly worker: string; readonly pricePerHour: number | null };
    value: WorkerView;
    event: never;
  };
  /** Brings this Labwatch's agent to a worker; the worker afterwards. Takes minutes where it does not come back. */
  'workers.update': { params: { readonly worker: string }; value: WorkerView; event: never };
  'workers.show': { params: { readonly worker: string }; value: WorkerDetail; event: never };
  /** Begins to read the hardware again: the worker's `inventoryAtMs` tells when it is done. */
  'workers.refresh': { params: { readonly worker: string }; value: null; event: never };
  /** Whether it takes new tasks; the worker afterwards. */
  'workers.admission': {
    params: { readonly worker: string; readonly admission: Admission };
    value: WorkerView;
    event: never;
  };
  /** `plan` is the text of a plan file; `folder` the absolute folder that `bring` starts from. */
  'tasks.submit': {
    params: { readonly plan: string; readonly folder: string | null };
    value: RunView;
    event: never;
  };
  /** Here `runId` is an id or the beginning of one, `workerId` a name or an id. */
  'tasks.find': { params: { readonly query: TaskQuery }; value: TaskPage; event: never };
  'tasks.runs': { params: { readonly limit: number }; value: readonly RunView[]; event: never };
  /** A task's id or the beginning of it. */
  'task.show': { params: { readonly task: string }; value: TaskDetail; event: never };
  'task.cancel': { params: { readonly task: string }; value: TaskView; event: never };
  'task.retry': { params: { readonly task: string }; value: TaskView; event: never };
  'task.unpark': { params: { readonly task: string }; value: TaskView; event: never };
  'run.cancel': { params: { readonly run: string }; value: RunView; event: never };
  'run.show': { params: { readonly run: string }; value: RunView; event: never };
  /** A negative offset counts from the end. `attempt` null: the newest. */
  'task.output': {
    params: { readonly task: string; readonly attempt: number | null; readonly offset: number };
    value: OutputPiece & { readonly attemptId: AttemptId };
    event: never;
  };
  /** Streams until the client closes: the run's view, at once and whenever it changed, with the tasks that did (none when behind). */
  'run.watch': {
    params: { readonly run: string };
    value: null;
    event: { readonly run: RunView; readonly tasks: readonly TaskView[] };
  };
  listener: { params: Record<never, never>; value: ListenerView; event: never };
  doctor: { params: Record<never, never>; value: HealthReport; event: never };
  /** Shows the app's window; a headless instance answers `unavailable`. */
  focus: { params: Record<never, never>; value: null; event: never };
  /** Ends the instance; answered before it does. */
  stop: { params: Record<never, never>; value: null; event: never };
}

export type ControlMethod = keyof ControlMethods;

const CONTROL_METHODS = [
  'status',
  'watch',
  'settings.list',
  'settings.get',
  'settings.set',
  'level.set',
  'workers.invite',
  'workers.dial',
  'workers.rename',
  'workers.remove',
  'workers.label',
  'workers.price',
  'workers.update',
  'workers.show',
  'workers.refresh',
  'workers.admission',
  'tasks.submit',
  'tasks.find',
  'tasks.runs',
  'task.show',
  'task.cancel',
  'task.retry',
  'task.unpark',
  'run.cancel',
  'run.show',
  'task.output',
  'run.watch',
  'listener',
  'doctor',
  'focus',
  'stop',
] as const satisfies readonly ControlMethod[];

type Missing = Exclude<ControlMethod, (typeof CONTROL_METHODS)[number]>;
true satisfies [Missing] extends [never] ? true : Missing;

export function isControlMethod(text: string): text is ControlMethod {
  return CONTROL_METHODS.includes(text as ControlMethod);
}

/** Without a deadline: those that answer with events until the client leaves, that carry files, or that look for a machine. */
const UNHURRIED: readonly string[] = ['watch', 'run.watch', 'tasks.submit', 'workers.update', 'workers.dial'];

export function isUnhurried(method: string): boolean {
  return UNHURRIED.includes(method);
}
