/** Node's own timers behind the engine's port. They do not keep the process alive: the threads do. */
import type { Timers } from '../engine/ports.ts';

export const systemTimers: Timers = {
  after(delayMs, action) {
    const timer = setTimeout(action, delayMs);
    timer.unref();
    return { dispose: () => clearTimeout(timer) };
  },
};
