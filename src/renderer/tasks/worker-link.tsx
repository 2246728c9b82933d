/** The name of a worker, which leads to it in Fleet. */
import type { WorkerId } from '../../core/fleet/worker.ts';
import { useWorkerPart } from '../state/fleet.ts';
import { changeUi } from '../state/ui.ts';

/** `gone`: what stands there for one that was removed since. */
export function WorkerLink({ workerId, gone }: { readonly workerId: WorkerId; readonly gone: string }) {
  const name = useWorkerPart(workerId, (worker) => worker.name);
  if (name === null) return <>{gone}</>;
  return (
    <button
      type="button"
      className="link"
      title={`Open ${name} in Fleet`}
      onClick={() => changeUi({ view: 'fleet', openWorkerId: workerId })}
    >
      {name}
    </button>
  );
}
