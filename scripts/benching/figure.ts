// A measured figure, and how several runs of it become one.

export type Figure = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What the value should be at most (or at least, where `isFloor`). */
  readonly bar?: number;
  /** The bar is the least the value should be. */
  readonly isFloor?: boolean;
  /** Values of others, measured in the same run, in the same unit. */
  readonly peers?: Readonly<Record<string, number>>;
};

/** Whether a figure keeps its bar; one without a bar keeps it always. */
export function keepsBar({ value, bar, isFloor }: Figure): boolean {
  if (bar === undefined) return true;
  return isFloor ? value >= bar : value <= bar;
}

/** The middle value; the mean of the two middle ones of an even number. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle - 0.5)] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}

/** One figure a name, its value and its peers' the medians over the runs that gave them, in the order of the first run. */
export function medianFigures(runs: readonly (readonly Figure[])[]): readonly Figure[] {
  const names = [...new Set(runs.flat().map(({ name }) => name))];
  return names.flatMap((name) => {
    const same = runs.flat().filter((figure) => figure.name === name);
    const [first] = same;
    if (first === undefined) return [];
    const figure: Figure = { ...first, value: median(same.map(({ value }) => value)) };
    return first.peers === undefined ? [figure] : [{ ...figure, peers: medianPeers(same) }];
  });
}

function medianPeers(figures: readonly Figure[]): Readonly<Record<string, number>> {
  const peers = new Set(figures.flatMap((figure) => Object.keys(figure.peers ?? {})));
  const valuesOf = (peer: string) =>
    figures.map((figure) => figure.peers?.[peer]).filter((value): value is number => value !== undefined);
  return Object.fromEntries([...peers].map((peer) => [peer, median(valuesOf(peer))]));
}
