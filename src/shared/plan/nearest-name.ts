/** What somebody meant who mistyped a name. */

/** The known name that is nearest to `typed`: one that it begins, or the one with the fewest slips; null where none is near. */
export function nearestName(typed: string, known: readonly string[]): string | null {
  const letters = lettersOf(typed);
  if (letters === '' || letters.length > 100) return null;
  const begun = known.find((name) => letters.length >= 3 && lettersOf(name).startsWith(letters));
  if (begun !== undefined) return begun;
  let nearest: string | null = null;
  let fewest = Math.max(1, Math.floor(letters.length / 3)) + 1;
  for (const name of known) {
    const slips = slipsBetween(letters, lettersOf(name), fewest);
    if (slips < fewest) [nearest, fewest] = [name, slips];
  }
  return nearest;
}

/** `timeout_seconds` and `TimeoutSeconds` are the same. */
function lettersOf(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '');
}

/** Letters added, left out, replaced, or swapped with the next (optimal string alignment); `enough` where it is that much or more. */
function slipsBetween(one: string, other: string, enough: number): number {
  if (Math.abs(one.length - other.length) >= enough) return enough;
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let at = 1; at <= one.length; at += 1) {
    const next = [at];
    for (let to = 1; to <= other.length; to += 1) {
      const isSame = one[at - 1] === other[to - 1];
      const isSwapped = one[at - 1] === other[to - 2] && one[at - 2] === other[to - 1];
      next.push(
        Math.min(
          (row[to - 1] ?? 0) + (isSame ? 0 : 1),
          (row[to] ?? 0) + 1,
          (next[to - 1] ?? 0) + 1,
          isSwapped ? (before[to - 2] ?? enough) + 1 : enough,
        ),
      );
    }
    [before, row] = [row, next];
  }
  return Math.min(enough, row.at(-1) ?? enough);
}
