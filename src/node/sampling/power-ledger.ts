/** What draws how much power now: the sources report, and the host's power is read off. */

/** A report older than this no longer counts. */
const STALE_MS = 12_000;

interface Entry {
  readonly watts: number;
  readonly atMs: number;
}

export class PowerLedger {
  readonly #parts = new Map<string, Entry>();
  readonly #wholes = new Map<string, Entry>();

  /** A component that is contained in no other that reports. Times are monotonic. */
  reportPart(id: string, watts: number, atMs: number): void {
    this.#parts.set(id, { watts, atMs });
  }

  /** A meter of the whole machine: then the components are not added up. */
  reportWhole(id: string, watts: number, atMs: number): void {
    this.#wholes.set(id, { watts, atMs });
  }

  /** Watts of the host, or null where nothing reported lately. */
  hostWatts(nowMs: number): number | null {
    return sumOfFresh(this.#wholes, nowMs) ?? sumOfFresh(this.#parts, nowMs);
  }
}

function sumOfFresh(entries: ReadonlyMap<string, Entry>, nowMs: number): number | null {
  let sum: number | null = null;
  for (const { watts, atMs } of entries.values()) {
    if (nowMs - atMs <= STALE_MS) sum = (sum ?? 0) + watts;
  }
  return sum;
}
