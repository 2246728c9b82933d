/** A real program called `nvidia-smi` that behaves as a test wants, and keeps a diary of its starts. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface FakeSmi {
  /** The folder to search, as in PATH. */
  readonly folder: string;
  /** The arguments of each start so far, a line each. */
  starts(): readonly string[];
  /** Replaces what the program does from its next start on. `$ROUND` counts its starts. */
  behave(script: string): void;
}

/** `script` is POSIX shell; its arguments are those of nvidia-smi. */
export function fakeSmi(folder: string, script: string): FakeSmi {
  const diary = join(folder, 'starts');
  writeFileSync(diary, '');
  const behave = (text: string) =>
    writeFileSync(join(folder, 'nvidia-smi'), `#!/bin/sh\necho "$*" >> '${diary}'\n${text}\n`, { mode: 0o755 });
  behave(script);
  return {
    folder,
    behave,
    starts: () =>
      readFileSync(diary, 'utf8')
        .split('\n')
        .filter((line) => line !== ''),
  };
}

/** Shell that prints the lines of each round for ever, a round each 50 ms. */
export function repeating(lines: readonly string[]): string {
  return `while :; do\n${lines.map((line) => `printf '%s\\n' '${line}'`).join('\n')}\nsleep 0.05\ndone`;
}
