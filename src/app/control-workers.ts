/** Requests about workers over the control socket. Whoever asks names a worker as a person does, by its name or its id. */
import type { WorkerId, WorkerView } from '../core/fleet/worker.ts';
import { fail, ok, type Result } from '../core/result.ts';
import type { ControlMethod } from '../shared/control/contract.ts';
import type { ControlHandlers } from './control-handlers.ts';
import type { Instance } from './instance.ts';

type WorkerMethod = Extract<ControlMethod, 'level.set' | `workers.${string}`>;

export const WORKER_HANDLERS: ControlHandlers<WorkerMethod, { readonly instance: Instance }> = {
  async 'level.set'({ worker, level }, { instance }) {
    if (worker === undefined) return instance.setLevel(instance.localWorkerId, level);
    const found = findWorker(instance, worker);
    return found.ok ? instance.setLevel(found.value.workerId, level) : found;
  },
  'workers.invite': (_params, { instance }) => instance.invite(),
  async 'workers.dial'({ code }, { instance }) {
    const dialled = await instance.dialWorker(code);
    return dialled.ok ? findWorker(instance, dialled.value) : dialled;
  },
  'workers.rename': ({ worker, name }, { instance }) =>
    changed(instance, worker, (workerId) => instance.renameWorker(workerId, name)),
  async 'workers.remove'({ worker }, { instance }) {
    const found = findWorker(instance, worker);
    if (!found.ok) return found;
    const removed = await instance.removeWorker(found.value.workerId);
    return removed.ok ? found : removed;
  },
  'workers.label': ({ worker, changes }, { instance }) =>
    changed(instance, worker, (workerId) => instance.labelWorker(workerId, changes)),
  'workers.price': ({ worker, pricePerHour }, { instance }) =>
    changed(instance, worker, (workerId) => instance.setPrice(workerId, pricePerHour)),
  'workers.admission': ({ worker, admission }, { instance }) =>
    changed(instance, worker, (workerId) => instance.setAdmission(workerId, admission)),
  'workers.update': ({ worker }, { instance }) =>
    changed(instance, worker, (workerId) => instance.updateAgent(workerId)),
  async 'workers.show'({ worker }, { instance }) {
    const found = findWorker(instance, worker);
    if (!found.ok) return found;
    const inventory = await instance.store.inventory(found.value.workerId);
    return inventory.ok ? ok({ worker: found.value, inventory: inventory.value }) : inventory;
  },
  async 'workers.refresh'({ worker }, { instance }) {
    const found = findWorker(instance, worker);
    if (!found.ok) return found;
    const asked = await instance.refreshInventory(found.value.workerId);
    // The instance is there and answers: `unavailable` would say that it is not.
    return asked.ok || asked.error.code !== 'unavailable' ? asked : fail('not-permitted', asked.error.message);
  },
};

/** By id, else by name. Names are unique, and none is another's id. */
export function findWorker({ monitor }: Pick<Instance, 'monitor'>, text: string): Result<WorkerView> {
  const { workers } = monitor.snapshot();
  const name = text.normalize('NFC').trim();
  const found = workers.find((one) => one.workerId === name) ?? workers.find((one) => one.name === name);
  return found === undefined
    ? fail('not-found', `There is no worker called ${text}. \`labwatch workers\` lists those there are.`)
    : ok(found);
}

/** The worker as it is after the change. */
async function changed(
  instance: Instance,
  worker: string,
  change: (workerId: WorkerId) => Promise<Result<null>>,
): Promise<Result<WorkerView>> {
  const found = findWorker(instance, worker);
  if (!found.ok) return found;
  const done = await change(found.value.workerId);
  return done.ok ? findWorker(instance, found.value.workerId) : done;
}
