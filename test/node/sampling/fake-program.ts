/** Real programs of any name that do what a test wants, in a folder of their own. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** `script` is POSIX shell. */
export function fakeProgram(folder: string, name: string, script: string): string {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return file;
}
