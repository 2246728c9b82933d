/** Starts the window: stores first, so that the first paint already has its questions on the way. */
import '@fontsource-variable/inter/wght.css';
import { createRoot } from 'react-dom/client';
import { on } from './api.ts';
import { App } from './app.tsx';
import { startAppInfo } from './state/app-info.ts';
import { startBeat } from './state/beat.ts';
import { startFleet } from './state/fleet.ts';
import { startSettings } from './state/settings.ts';
import { goToTasksOf } from './state/task-place.ts';
import { changeUi, loadUi } from './state/ui.ts';

startSettings();
startFleet();
startBeat();
startAppInfo();
on('ui:go', ({ view, workerId: id }) => {
  if (id === undefined) changeUi({ view });
  else if (view === 'tasks') goToTasksOf(id);
  else changeUi({ view, openWorkerId: id });
});

const PATIENCE_MS = 500;
const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
// What was remembered comes before the first paint, unless the app is too busy to answer: then it is applied when it comes.
await Promise.race([loadUi(), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
createRoot(root).render(<App />);
