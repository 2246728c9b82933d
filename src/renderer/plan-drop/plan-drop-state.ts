/** Notices that files are held over the window. The overlay and what a drop does are loaded when that happens. */
import { createStore } from '../state/store.ts';

export const isPlanHeld = createStore(false);

/** Follows files over the whole window until the returned function is called. */
export function followHeldFiles(): () => void {
  const onOver = (event: DragEvent) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    // A dialog lies over all, and asks for something else.
    const isWelcome = document.querySelector('dialog[open]') === null;
    if (event.dataTransfer !== null) event.dataTransfer.dropEffect = isWelcome ? 'copy' : 'none';
    isPlanHeld.set(isWelcome);
  };
  const onLeave = (event: DragEvent) => {
    // Between two elements of the page there is always another one.
    if (event.relatedTarget === null) isPlanHeld.set(false);
  };
  const onDrop = (event: DragEvent) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    const isWelcome = isPlanHeld.get();
    isPlanHeld.set(false);
    const files = [...(event.dataTransfer?.files ?? [])];
    if (isWelcome) void import('./submit-files.ts').then(({ submitFiles }) => submitFiles(files));
  };
  // A drop is let through by the last of either: over a new element, that is the entering.
  window.addEventListener('dragenter', onOver);
  window.addEventListener('dragover', onOver);
  window.addEventListener('dragleave', onLeave);
  window.addEventListener('drop', onDrop);
  return () => {
    window.removeEventListener('dragenter', onOver);
    window.removeEventListener('dragover', onOver);
    window.removeEventListener('dragleave', onLeave);
    window.removeEventListener('drop', onDrop);
  };
}

function holdsFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes('Files') ?? false;
}
