/** The only door to the app: what preload exposes as `window.labwatch`, with foreign failures turned into Results. */
import { fail, type Result } from '../core/result.ts';
import type { Calls, LabwatchBridge, Pushes } from '../shared/ipc/contract.ts';

declare global {
  interface Window {
    readonly labwatch: LabwatchBridge;
  }
}

const NOT_CONNECTED = 'The window is not connected to the Labwatch app. Close it and start Labwatch again.';

/** Asks the app. A bridge that is missing or breaks answers a failure with a sentence, never a rejection. */
export async function call<Name extends keyof Calls>(
  name: Name,
  ...args: Parameters<Calls[Name]>
): Promise<Result<ReturnType<Calls[Name]>>> {
  const bridge = connectedBridge();
  if (bridge === undefined) return fail('unavailable', NOT_CONNECTED);
  try {
    return await bridge.call(name, ...args);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fail('unavailable', `The app did not answer (${reason}). Try again; if it stays so, restart Labwatch.`);
  }
}

/** Listens to a message of the app until the returned function is called. */
export function on<Name extends keyof Pushes>(name: Name, listener: (payload: Pushes[Name]) => void): () => void {
  return connectedBridge()?.on(name, listener) ?? (() => {});
}

/** Where a dropped file lies; null for one that is not on the disk. */
export function pathOf(file: File): string | null {
  return connectedBridge()?.pathOf(file) ?? null;
}

/** Absent where preload failed, or where the page stands in a plain browser. */
function connectedBridge(): LabwatchBridge | undefined {
  return window.labwatch as LabwatchBridge | undefined;
}
