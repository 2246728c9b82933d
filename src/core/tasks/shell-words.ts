/** A command as one types it in a shell, and as the list of words that a plan holds. */
import { fail, ok, type Result } from '../result.ts';

/** Letters that mean nothing to a shell. */
const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** One line that a shell reads as exactly these words. */
export function joinWords(words: readonly string[]): string {
  return words.map((word) => (PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}

const IN_QUOTES: Readonly<Record<string, string>> = {
  "'": 'a single quote (’) is opened and not closed',
  '"': 'a double quote (”) is opened and not closed',
};

/**
 * Splits a line at blanks as a POSIX shell does: quotes and backslashes keep words together, and nothing else has a
 * meaning (no variables, no globs, no pipes). `invalid-argument` for a quote that is not closed.
 */
export function splitWords(line: string): Result<readonly string[]> {
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  const letters = [...line];
  for (let index = 0; index < letters.length; index += 1) {
    const letter = letters[index] as string;
    const next = letters[index + 1];
    if (quote === null && /\s/.test(letter)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (letter === quote) {
      quote = null;
    } else if (quote === null && (letter === "'" || letter === '"')) {
      quote = letter;
      word ??= '';
    } else if (letter === '\\' && next !== undefined && (quote === null || (quote === '"' && '"\\$`'.includes(next)))) {
      word = (word ?? '') + next;
      index += 1;
    } else {
      word = (word ?? '') + letter;
    }
  }
  if (quote !== null) return fail('invalid-argument', `In the command, ${IN_QUOTES[quote] ?? ''}.`);
  if (word !== null) words.push(word);
  return ok(words);
}
