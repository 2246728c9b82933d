/** The live fleet: what is known of each worker now. Implementation follows in this file; the interface is fixed. */
import type { WorkerId } from '../core/fleet/worker.ts';
import type { SampleBatch } from '../core/metrics/sample.ts';
import type { Disposable } from '../core/time.ts';
import type { FleetPatch, FleetSnapshot } from '../shared/ipc/contract.ts';

export interface Monitor extends Disposable {
  /** The one door for everything a worker reports, on time or late: updates the live view and stores. */
  ingest(workerId: WorkerId, batch: SampleBatch): void;
  snapshot(): FleetSnapshot;
  /** Patches at most four times a second. */
  onPatch(listener: (patch: FleetPatch) => void): Disposable;
  /** Every batch as it comes, after the live view was updated. */
  onBatch(listener: (workerId: WorkerId, batch: SampleBatch) => void): Disposable;
}
