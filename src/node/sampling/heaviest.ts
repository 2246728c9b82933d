/** Picks the processes worth showing. */
interface Weighed {
  readonly cpuCores: number | null;
  readonly residentPages: number;
}

/** The `count` heaviest by CPU and the `count` heaviest by memory, each once, heaviest CPU first, then most memory. */
export function heaviest<Entry extends Weighed>(entries: readonly Entry[], count: number): readonly Entry[] {
  const byCpu = [...entries].sort(byCpuThenMemory);
  if (count >= entries.length) return byCpu;
  const picked = new Set(byCpu.slice(0, count));
  const byMemory = [...entries].sort((a, b) => b.residentPages - a.residentPages);
  for (const entry of byMemory.slice(0, count)) picked.add(entry);
  return [...picked].sort(byCpuThenMemory);
}

function byCpuThenMemory(a: Weighed, b: Weighed): number {
  return (b.cpuCores ?? 0) - (a.cpuCores ?? 0) || b.residentPages - a.residentPages;
}
