/** A series colour for each type of task: each keeps the one it got first, so that it means the same tomorrow. Pure. */

/** Indexes into the series colours, in the order they are given out; the greyish seventh is for tasks without a type. */
const GIVEN_OUT = [0, 1, 2, 3, 4, 5, 7] as const;
const UNTYPED = 6;
/** Types that are remembered; later ones take a colour by their name. */
const MOST_TYPES = 200;

/** 0..7. `known`: in the order they were first seen. */
export function typeColour(known: readonly string[], type: string | null): number {
  if (type === null) return UNTYPED;
  const place = known.indexOf(type);
  return GIVEN_OUT[(place < 0 ? hash(type) : place) % GIVEN_OUT.length] ?? UNTYPED;
}

/** With the types that are new; the same list where none is. */
export function withTypes(known: readonly string[], types: Iterable<string | null>): readonly string[] {
  const seen = new Set(known);
  const more: string[] = [];
  for (const type of types) {
    if (type === null || seen.has(type) || seen.size >= MOST_TYPES) continue;
    seen.add(type);
    more.push(type);
  }
  return more.length === 0 ? known : [...known, ...more];
}

function hash(text: string): number {
  let value = 0;
  for (let index = 0; index < text.length; index += 1) value = (value * 31 + text.charCodeAt(index)) >>> 0;
  return value;
}
