/** What each call of the window does. Every handler is a line or two over the instance. */
import { app, shell } from 'electron';
import type { Instance } from '../../app/instance.ts';
import type { WorkerId } from '../../core/fleet/worker.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { type CallHandlers, done } from './bridge.ts';

export interface HandlerParts {
  readonly instance: Instance;
  readonly hasTray: () => boolean;
  /** Changes a setting; answers the failure of what the desktop could not apply. */
  readonly changeSetting: Instance['changeSetting'];
  readonly watch: (workerId: WorkerId | null) => void;
  readonly painted: () => void;
}

export function createHandlers({ instance, hasTray, changeSetting, watch, painted }: HandlerParts): CallHandlers {
  const { monitor, store, tasks } = instance;
  return {
    'app:info': () => ok(appInfo(instance, hasTray())),
    'app:open': (folder) => openFolder(folder === 'data' ? instance.dataDir : instance.logsDir),
    'app:painted': () => {
      painted();
      return done;
    },
    'fleet:snapshot': () => ok(monitor.snapshot()),
    'worker:watch': (workerId) => {
      watch(workerId);
      return done;
    },
    'worker:history': (request) => store.history(request),
    'worker:series': (workerId) => store.series(workerId),
    'worker:processes': (workerId, atMs) => store.processesAt(workerId, atMs),
    'worker:inventory': (workerId) => store.inventory(workerId),
    'worker:refresh-inventory': (workerId) => instance.refreshInventory(workerId),
    'worker:update-agent': (workerId) => instance.updateAgent(workerId),
    'worker:events': (workerId, fromMs, toMs) => store.events(workerId, fromMs, toMs),
    'worker:set-level': (workerId, level) => instance.setLevel(workerId, level),
    'workers:invite': () => instance.invite(),
    'workers:dial': (code) => instance.dialWorker(code),
    'worker:rename': (workerId, name) => instance.renameWorker(workerId, name),
    'worker:label': (workerId, changes) => instance.labelWorker(workerId, changes),
    'worker:set-price': (workerId, pricePerHour) => instance.setPrice(workerId, pricePerHour),
    'worker:remove': (workerId) => instance.removeWorker(workerId),
    'worker:set-admission': (workerId, admission) => instance.setAdmission(workerId, admission),
    'tasks:submit': (plan, folder) => tasks.submit(plan, folder),
    'tasks:find': (query) => tasks.find(query),
    'attempts:between': (query) => tasks.attemptsBetween(query),
    'tasks:runs': (limit) => tasks.runs(limit),
    'tasks:summary': () => ok(tasks.summary()),
    'task:show': (taskId) => tasks.show(taskId),
    'task:output': (attemptId, offset) => tasks.output(attemptId, offset),
    'task:cancel': async (taskId) => withoutValue(await tasks.cancel(taskId)),
    'task:retry': async (taskId) => withoutValue(await tasks.retry(taskId)),
    'task:unpark': async (taskId) => withoutValue(await tasks.unpark(taskId)),
    'run:cancel': async (runId) => withoutValue(await tasks.cancelRun(runId)),
    'task:open-files': (attemptId) => {
      const folder = tasks.fetchedFolder(attemptId);
      return folder.ok ? openFolder(folder.value) : folder;
    },
    'listener:get': () => ok(instance.listener()),
    'settings:get': () => ok(instance.settings()),
    'settings:set': changeSetting,
    'storage:usage': () => store.usage(),
    'ui-state:get': () => store.loadUiState(),
    'ui-state:set': (state) => store.saveUiState(state),
  };
}

async function openFolder(path: string): Promise<Result<null>> {
  const problem = await shell.openPath(path);
  return problem === '' ? done : fail('unavailable', `No program opened the folder. It is at ${path}.`);
}

/** What became of it comes with the next patch. */
function withoutValue(answer: Result<unknown>): Result<null> {
  return answer.ok ? done : answer;
}

function appInfo(instance: Instance, hasTray: boolean) {
  return {
    version: app.getVersion(),
    runtime: {
      electron: process.versions.electron ?? '',
      chromium: process.versions.chrome ?? '',
      node: process.versions.node,
    },
    dataDir: instance.dataDir,
    logsDir: instance.logsDir,
    localWorkerId: instance.localWorkerId,
    hasTray,
    notices: instance.notices(),
  };
}
