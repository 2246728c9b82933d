/** Fuzzy search: the letters of the query in order, better where they begin words and stand together. Pure. */
const START_OF_WORD = 8;
const TOGETHER = 5;
const EACH = 1;
const SKIPPED = 0.1;

/** How well `text` answers `query` (higher is better), or null where a letter is missing. */
export function fuzzyScore(query: string, text: string): number | null {
  const haystack = text.toLowerCase();
  let total = 0;
  for (const word of query.toLowerCase().split(/\s+/).filter(Boolean)) {
    const score = bestFrom(word, haystack);
    if (score === null) return null;
    total += score;
  }
  return total - haystack.length * 0.01;
}

/** The best of all places where the first letter of the word occurs. */
function bestFrom(word: string, haystack: string): number | null {
  let best: number | null = null;
  for (let start = haystack.indexOf(word[0] ?? ''); start >= 0; start = haystack.indexOf(word[0] ?? '', start + 1)) {
    const score = scoreAt(word, haystack, start);
    if (score === null) break;
    if (best === null || score > best) best = score;
  }
  return best;
}

function scoreAt(word: string, haystack: string, start: number): number | null {
  let score = 0;
  let previous = -2;
  let from = start;
  for (const letter of word) {
    const index = haystack.indexOf(letter, from);
    if (index < 0) return null;
    if (index === 0 || !/[\p{L}\p{N}]/u.test(haystack[index - 1] ?? '')) score += START_OF_WORD;
    if (index === previous + 1) score += TOGETHER;
    else if (previous >= 0) score -= (index - previous) * SKIPPED;
    score += EACH;
    previous = index;
    from = index + 1;
  }
  return score;
}
