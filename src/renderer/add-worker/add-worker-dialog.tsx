/** Brings in another machine: where it may come in, if that was not settled yet, then the command to paste there. */
import { useState } from 'react';
import type { WorkerId } from '../../core/fleet/worker.ts';
import { fleet, reloadFleet } from '../state/fleet.ts';
import { useListener } from '../state/listener.ts';
import { useStore } from '../state/store.ts';
import { changeUi } from '../state/ui.ts';
import { Modal } from '../ui/modal.tsx';
import { ModalHead } from '../ui/modal-head.tsx';
import { ErrorState, LoadingState } from '../ui/view-state.tsx';
import { closeAddWorker } from './add-worker-state.ts';
import { CommandStep } from './command-step.tsx';
import { DialStep } from './dial-step.tsx';
import { ReachStep } from './reach-step.tsx';
import '../ui/dialog.css';
import './add-worker.css';

export function AddWorkerDialog() {
  const open = (workerId: WorkerId) => {
    closeAddWorker();
    changeUi({ view: 'fleet', openWorkerId: workerId });
  };
  return (
    <Modal label="Add a worker" className="add-worker" onClose={closeAddWorker} nextFocus={otherWayBack}>
      <ModalHead title="Add a worker" onClose={closeAddWorker} />
      <Steps onOpen={open} />
    </Modal>
  );
}

/** The card goes when a second worker comes; the button that takes its place does the same. */
function otherWayBack(): HTMLElement | null {
  return document.querySelector('[data-add-worker]');
}

function Steps({ onOpen }: { readonly onOpen: (workerId: WorkerId) => void }) {
  const { state, reload } = useListener();
  const fleetStatus = useStore(fleet, ({ status }) => status);
  const fleetFailure = useStore(fleet, (current) => (current.status === 'error' ? current.failure : null));
  const [step, setStep] = useState<'reach' | 'command' | 'dial' | null>(null);
  if (state.status === 'error') {
    return <ErrorState what="Where workers come in" failure={state.failure} onRetry={reload} />;
  }
  // Who joined is told from who was there.
  if (fleetFailure !== null) {
    return <ErrorState what="The fleet" failure={fleetFailure} onRetry={() => void reloadFleet()} />;
  }
  if (state.status === 'loading' || fleetStatus === 'loading') return <LoadingState what="where workers come in" />;
  const { listener } = state;
  if (step === 'dial') return <DialStep onBack={() => setStep(null)} onOpen={onOpen} />;
  const onDial = () => setStep('dial');
  if (step === 'reach' || (step === null && listener.isLoopbackOnly)) {
    return <ReachStep listener={listener} onSettled={() => setStep('command')} onDial={onDial} />;
  }
  return <CommandStep listener={listener} onChangeReach={() => setStep('reach')} onDial={onDial} onOpen={onOpen} />;
}
