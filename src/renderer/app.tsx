/** The window: rail, top bar, notices, the view, and what lies over it. */
import { lazy, Suspense, useEffect } from 'react';
import { isAddWorkerOpen } from './add-worker/add-worker-state.ts';
import { handleKey } from './frame/keys.ts';
import { isKeysDialogOpen } from './frame/keys-dialog-state.ts';
import { Notices } from './frame/notices.tsx';
import { Rail } from './frame/rail.tsx';
import { TopBar } from './frame/top-bar.tsx';
import { viewOf } from './frame/views.ts';
import { newTask } from './new-task/new-task-state.ts';
import { isPaletteOpen } from './palette/palette-state.ts';
import { followHeldFiles, isPlanHeld } from './plan-drop/plan-drop-state.ts';
import { useStore } from './state/store.ts';
import { ui } from './state/ui.ts';
import { LoadingState } from './ui/view-state.tsx';
import './frame/frame.css';

const Palette = lazy(() => import('./palette/palette.tsx').then((module) => ({ default: module.Palette })));
const KeysDialog = lazy(() => import('./frame/keys-dialog.tsx').then((module) => ({ default: module.KeysDialog })));
const AddWorkerDialog = lazy(() =>
  import('./add-worker/add-worker-dialog.tsx').then((module) => ({ default: module.AddWorkerDialog })),
);
const NewTaskDialog = lazy(() =>
  import('./new-task/new-task-dialog.tsx').then((module) => ({ default: module.NewTaskDialog })),
);
const PlanDrop = lazy(() => import('./plan-drop/plan-drop.tsx').then((module) => ({ default: module.PlanDrop })));

export function App() {
  const view = useStore(ui, (state) => viewOf(state.view));
  const hasPalette = useStore(isPaletteOpen, (isOpen) => isOpen);
  const isAddingWorker = useStore(isAddWorkerOpen, (isOpen) => isOpen);
  const isWritingTask = useStore(newTask, (start) => start !== null);
  const hasPlan = useStore(isPlanHeld, (isHeld) => isHeld);
  const hasKeys = useStore(isKeysDialogOpen, (isOpen) => isOpen);
  useEffect(() => {
    window.addEventListener('keydown', handleKey);
    return () => window.removeEventListener('keydown', handleKey);
  }, []);
  useEffect(followHeldFiles, []);
  return (
    <div className="frame">
      <Rail />
      <div className="frame-main">
        <TopBar />
        <Notices />
        <main className="view" aria-label={view.title}>
          <Suspense fallback={<LoadingState what={view.title} />}>
            <view.View />
          </Suspense>
        </main>
      </div>
      <Suspense fallback={null}>{hasPalette ? <Palette /> : null}</Suspense>
      <Suspense fallback={null}>{isAddingWorker ? <AddWorkerDialog /> : null}</Suspense>
      <Suspense fallback={null}>{isWritingTask ? <NewTaskDialog /> : null}</Suspense>
      <Suspense fallback={null}>{hasPlan ? <PlanDrop /> : null}</Suspense>
      <Suspense fallback={null}>{hasKeys ? <KeysDialog /> : null}</Suspense>
    </div>
  );
}
