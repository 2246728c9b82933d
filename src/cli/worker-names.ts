/** What workers are called, for lines that know their ids only. */
import type { WorkerId } from '../core/fleet/worker.ts';
import { ok, type Result } from '../core/result.ts';
import type { ControlClient } from '../node/control-socket-client.ts';

export interface WorkerNames {
  /** The instance's clock. */
  readonly nowMs: number;
  readonly nameOf: (workerId: WorkerId) => string;
}

export async function readWorkerNames(client: ControlClient): Promise<Result<WorkerNames>> {
  const status = await client.call('status', {});
  if (!status.ok) return status;
  const names = new Map(status.value.workers.map(({ workerId, name }) => [workerId, name]));
  return ok({ nowMs: status.value.nowMs, nameOf: (workerId) => names.get(workerId) ?? 'a removed worker' });
}
