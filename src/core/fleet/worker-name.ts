/** What a worker may be called: 1 to 64 characters of one line, safe to print and to type. */
import { fail, ok, type Result } from '../result.ts';

const MOST_CHARACTERS = 64;

/**
 * Control characters, line and paragraph separators, the marks that reverse or override the direction of text (they make
 * one name look like another), and halves of characters, which no file can hold. Emoji and every script are welcome.
 */
const UNWELCOME = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** What a name is called when nothing of it can be kept. */
const NAMELESS = 'worker';

/** A name that a person typed, trimmed and in Unicode's composed form; `invalid-argument` with the rule it breaks. */
export function parseWorkerName(text: string): Result<string> {
  const name = text.normalize('NFC').trim();
  if (name === '') return fail('invalid-argument', 'A worker needs a name.');
  if (lengthOf(name) > MOST_CHARACTERS) {
    return fail('invalid-argument', `A worker’s name has at most ${MOST_CHARACTERS} characters.`);
  }
  return name.search(UNWELCOME) < 0
    ? ok(name)
    : fail('invalid-argument', 'A worker’s name is one line without control characters or direction marks.');
}

/** A name that a machine gave itself, made fit: what is unwelcome is left out, the rest is cut. Never empty. */
export function workerNameFrom(wish: string): string {
  return cut(wish.normalize('NFC').replace(UNWELCOME, '').trim(), MOST_CHARACTERS) || NAMELESS;
}

/** `name`, or `name-2`, `name-3` …: the first that is free. */
export function freeWorkerName(name: string, isTaken: (name: string) => boolean): string {
  if (!isTaken(name)) return name;
  for (let number = 2; ; number += 1) {
    const suffix = `-${number}`;
    const candidate = `${cut(name, MOST_CHARACTERS - suffix.length)}${suffix}`;
    if (!isTaken(candidate)) return candidate;
  }
}

/** By characters, not by halves of them. */
function lengthOf(text: string): number {
  return [...text].length;
}

function cut(text: string, characters: number): string {
  return [...text].slice(0, characters).join('').trim();
}
