/** Before the suite: builds the window and the fake lab once, for all test files. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { buildRenderer, bundleFakeLab } from './renderer-build.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the window's files are, and the script that is the lab behind it. */
    builtWindow: { readonly folder: string; readonly fakeLab: string };
  }
}

export default async function buildWindow(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'labwatch-ui-'));
  const [fakeLab] = await Promise.all([bundleFakeLab(), buildRenderer(folder)]);
  project.provide('builtWindow', { folder, fakeLab });
  return () => rmSync(folder, { recursive: true, force: true });
}
