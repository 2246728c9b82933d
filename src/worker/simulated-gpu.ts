/** A GPU that is not there: idle while no task has it, busy in a plausible way while one does. Pure. */

export interface GpuFigures {
  /** 0..1. */
  readonly utilization: number;
  readonly memoryBytes: number;
  readonly temperatureCelsius: number;
  readonly powerWatts: number;
}

const IDLE = { memoryShare: 0.02, temperatureCelsius: 34, powerWatts: 18 };
const BUSY = { utilization: 0.88, memoryShare: 0.6, temperatureCelsius: 71, powerWatts: 290 };
/** Two waves that do not meet again soon, so that the curve looks alive; each GPU has its own place in them. */
const WAVES = [
  { periodMs: 9_700, share: 0.06 },
  { periodMs: 41_300, share: 0.04 },
];

/** At `atMs`; `seed` tells one GPU from another. The same arguments give the same figures. */
export function simulatedGpu(
  { memoryBytes }: { readonly memoryBytes: number },
  isBusy: boolean,
  seed: number,
  atMs: number,
): GpuFigures {
  const sway = WAVES.reduce(
    (sum, { periodMs, share }) => sum + share * Math.sin((2 * Math.PI * atMs) / periodMs + seed),
    0,
  );
  if (!isBusy) {
    return {
      utilization: 0,
      memoryBytes: Math.round(memoryBytes * IDLE.memoryShare),
      temperatureCelsius: IDLE.temperatureCelsius + 10 * sway,
      powerWatts: IDLE.powerWatts + 10 * sway,
    };
  }
  return {
    utilization: BUSY.utilization + sway,
    memoryBytes: Math.round(memoryBytes * (BUSY.memoryShare + sway)),
    temperatureCelsius: BUSY.temperatureCelsius + 30 * sway,
    powerWatts: BUSY.powerWatts * (1 + sway),
  };
}
