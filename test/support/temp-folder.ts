/** A folder of its own for a test, gone when the test is. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Makes the folder and returns its path. Call it inside a test. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'labwatch-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
