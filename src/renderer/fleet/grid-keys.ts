/** Arrow keys over a grid of tiles: one tab stop, moved by row and column as they are laid out now. */
type Move = (index: number, columns: number, count: number) => number;

const MOVES: Readonly<Record<string, Move>> = {
  ArrowLeft: (index) => index - 1,
  ArrowRight: (index) => index + 1,
  ArrowUp: (index, columns) => index - columns,
  ArrowDown: (index, columns, count) => (index + columns < count ? index + columns : index),
  Home: () => 0,
  End: (_index, _columns, count) => count - 1,
};

/** The index to move to, or null when the key moves nothing. */
export function movedIndex(key: string, index: number, columns: number, count: number): number | null {
  const move = MOVES[key];
  if (move === undefined || count === 0) return null;
  const next = move(index, columns, count);
  return next < 0 || next >= count ? index : next;
}

/** How many tiles stand in the first row. */
export function columnsOf(tiles: readonly HTMLElement[]): number {
  const top = tiles[0]?.getBoundingClientRect().top;
  const inFirstRow = tiles.findIndex((tile) => tile.getBoundingClientRect().top !== top);
  return inFirstRow < 0 ? tiles.length : inFirstRow;
}
