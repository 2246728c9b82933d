// Terminal colours, where there is no terminal.

const sgrSequence = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

/** The text without its colour sequences (ECMA-48 SGR). */
export function stripColours(text: string): string {
  return text.replaceAll(sgrSequence, '');
}
