/** Busy share of CPUs from the times that Node tells (`os.cpus()`, ms by mode). */
import type { CpuInfo } from 'node:os';

export class CpuTimesShare {
  #busyMs = Number.NaN;
  #totalMs = Number.NaN;

  /** Share busy since the call before, of these CPUs together; null at the first, and after the times went back. */
  next(cpus: readonly CpuInfo['times'][]): number | null {
    let busyMs = 0;
    let totalMs = 0;
    for (const { user, nice, sys, idle, irq } of cpus) {
      busyMs += user + nice + sys + irq;
      totalMs += user + nice + sys + irq + idle;
    }
    const busy = busyMs - this.#busyMs;
    const total = totalMs - this.#totalMs;
    this.#busyMs = busyMs;
    this.#totalMs = totalMs;
    return total > 0 && busy >= 0 ? Math.min(1, busy / total) : null;
  }

  reset(): void {
    this.#busyMs = this.#totalMs = Number.NaN;
  }
}
