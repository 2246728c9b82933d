/**
 * GPU memory by process, from the lines of `nvidia-smi --query-compute-apps`.
 *
 * The program prints a line a process and round, with nothing between rounds. Lines of one round come together, so a
 * pause of half a round begins the next; and without any process it prints nothing, so an old round fades.
 */
import { parseComputeApp } from './query.ts';

const PAUSE_MS = 500;
const FADES_AFTER_MS = 3_000;

export class GpuProcessTable {
  #complete = new Map<number, number>();
  #gathering = new Map<number, number>();
  #lastLineAtMs = Number.NEGATIVE_INFINITY;
  #isGathering = false;

  /** Takes a line; false where it is not one of the program's answers. */
  take(line: string, nowMs: number): boolean {
    const app = parseComputeApp(line);
    if (app === null) return /^\d+, \[/.test(line);
    if (!this.#isGathering || nowMs - this.#lastLineAtMs > PAUSE_MS) {
      if (this.#isGathering) this.#complete = this.#gathering;
      this.#gathering = new Map();
      this.#isGathering = true;
    }
    this.#lastLineAtMs = nowMs;
    // One process may hold memory on several GPUs.
    this.#gathering.set(app.pid, (this.#gathering.get(app.pid) ?? 0) + app.memoryBytes);
    return true;
  }

  /** Bytes the process holds on all GPUs, or null where it holds none that is told. */
  bytesOf(pid: number, nowMs: number): number | null {
    const ageMs = nowMs - this.#lastLineAtMs;
    if (ageMs > FADES_AFTER_MS) return null;
    const newest = ageMs > PAUSE_MS / 2 ? this.#gathering : this.#complete;
    return newest.get(pid) ?? null;
  }

  clear(): void {
    this.#complete = new Map();
    this.#gathering = new Map();
    this.#lastLineAtMs = Number.NEGATIVE_INFINITY;
    this.#isGathering = false;
  }
}
