/** Versions, compared part by part: `12.10` comes after `12.9`. */

/**
 * Below 0, 0 or above it as `version` comes before `bound`, is within it, or comes after it.
 *
 * Only as many parts count as the bound names: 3.11.2 is within `3.11`, so `=3.11` holds and `>3.11` does not. A part that
 * the version lacks is 0. Numbers come after words: 1.0.0 after 1.0.rc1.
 */
export function compareToBound(version: string, bound: string): number {
  const parts = partsOf(version);
  for (const [index, wanted] of partsOf(bound).entries()) {
    const order = compareParts(parts[index] ?? '0', wanted);
    if (order !== 0) return order;
  }
  return 0;
}

function partsOf(version: string): readonly string[] {
  return version.toLowerCase().split(/[._+-]+/);
}

function compareParts(one: string, other: string): number {
  const [isNumber, isOtherNumber] = [isDigits(one), isDigits(other)];
  if (isNumber !== isOtherNumber) return isNumber ? 1 : -1;
  if (!isNumber) return compareTexts(one, other);
  // As texts of digits: a build number may be longer than what a number holds exactly.
  const [digits, otherDigits] = [withoutZeros(one), withoutZeros(other)];
  return digits.length - otherDigits.length || compareTexts(digits, otherDigits);
}

function isDigits(text: string): boolean {
  return /^\d+$/.test(text);
}

function withoutZeros(digits: string): string {
  return digits.replace(/^0+(?=\d)/, '');
}

function compareTexts(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
