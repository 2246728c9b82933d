/** Globs over paths: `*` and `?` within a name, `**` for any number of folders. A name that begins with a dot is as good as any. */

export interface Glob {
  fits(names: readonly string[]): boolean;
  /** Whether something below this folder could fit. */
  mayHold(folderNames: readonly string[]): boolean;
}

export function parseGlob(text: string): Glob {
  const parts = text.split('/').filter((part) => part !== '' && part !== '.');

  /** Places in the pattern that are reached when these names have been read. */
  function reached(names: readonly string[]): ReadonlySet<number> {
    let places = withSkips(new Set([0]));
    for (const name of names) {
      const next = new Set<number>();
      for (const place of places) {
        const part = parts[place];
        if (part === '**') next.add(place);
        else if (part !== undefined && fitsName(part, name)) next.add(place + 1);
      }
      places = withSkips(next);
    }
    return places;
  }

  function withSkips(places: Set<number>): Set<number> {
    for (const place of places) if (parts[place] === '**') places.add(place + 1);
    return places;
  }

  return {
    fits: (names) => reached(names).has(parts.length),
    mayHold: (names) => [...reached(names)].some((place) => place < parts.length),
  };
}

/** One name against one part: on a mismatch the last star takes one character more, so no pattern is slow. */
function fitsName(pattern: string, name: string): boolean {
  const [wanted, given] = [[...pattern], [...name]];
  let [at, place, star, starAt] = [0, 0, -1, 0];
  while (at < given.length) {
    if (wanted[place] === '*') {
      star = place;
      starAt = at;
      place += 1;
    } else if (place < wanted.length && (wanted[place] === '?' || wanted[place] === given[at])) {
      place += 1;
      at += 1;
    } else if (star >= 0) {
      starAt += 1;
      at = starAt;
      place = star + 1;
    } else return false;
  }
  return wanted.slice(place).every((character) => character === '*');
}
