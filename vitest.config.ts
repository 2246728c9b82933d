// Three suites: plain Node (`unit` and `pure`), the built renderer in Chromium, the real app in a real Electron.
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { SlowFirst } from './scripts/testing/slow-first.ts';

// Soak and fault tests that take more than seconds run with `npm test -- --long`.
const isLong = process.env.LABWATCH_LONG === '1';
const exclude = ['**/node_modules/**', ...(isLong ? [] : ['**/*.long.test.ts'])];
const minuteMs = 60_000;
// A guard against a test that hangs, far above what any takes: how long something takes is a bench's question.
const hangMs = (isLong ? 30 : 2) * minuteMs;

const cores = availableParallelism();

// Many files wait for other processes most of their time.
const unitWorkers = cores + 2;
const unitFolders = ['node', 'worker', 'app', 'cli', 'main', 'integration', 'architecture', 'scripts'];
// They start nothing and change nothing that another file sees.
const pureFolders = ['core', 'shared', 'engine'];
const testsOf = (folders: readonly string[]) => folders.map((folder) => `test/${folder}/**/*.test.{ts,tsx}`);

export default defineConfig({
  test: {
    testTimeout: hangMs,
    hookTimeout: hangMs,
    // Conditions are waited for as long as a busy machine may need; a test that passes does not get slower by it.
    expect: { poll: { timeout: minuteMs / 2, interval: 50 } },
    sequence: { sequencer: SlowFirst },
    projects: [
      { extends: true, test: { name: 'unit', exclude, include: testsOf(unitFolders), maxWorkers: unitWorkers } },
      {
        extends: true,
        // A process for each file, with all that it imports, costs as much as what most of these files do.
        test: { name: 'pure', exclude, include: testsOf(pureFolders), maxWorkers: unitWorkers, isolate: false },
      },
      {
        extends: true,
        test: {
          name: 'ui',
          exclude,
          include: ['test/ui/**/*.test.{ts,tsx}'],
          maxWorkers: cores,
          globalSetup: 'test/ui/support/built-window.ts',
        },
      },
      { extends: true, test: { name: 'e2e', exclude, include: ['test/e2e/**/*.test.ts'], fileParallelism: false } },
    ],
  },
});
