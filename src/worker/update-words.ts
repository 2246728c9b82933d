/** What became of a program that did not work, in the words of its own last lines. Pure. */

/** Sentences in the history of a worker are short. */
const LONGEST_LINE = 200;

/** The line that names the error (a stack trace goes on behind it), else the last one, without its full stop. Null: it said nothing. */
export function errorLine(stderr: string): string | null {
  const lines = stderr.split('\n').map((line) => line.trim());
  const said = lines.filter((line) => line !== '');
  const line = said.find((one) => /^labwatch: |^\w*Error\b/.test(one)) ?? said.at(-1);
  return (
    line
      ?.replace(/^labwatch: /, '')
      .replace(/\.$/, '')
      .slice(0, LONGEST_LINE) ?? null
  );
}
