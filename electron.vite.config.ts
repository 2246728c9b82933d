// What becomes what: one Node bundle for app, CLI and threads, a sandboxed preload, the renderer.
// Everything but electron and better-sqlite3 is bundled, because a fallback runtime stages only out/ and better-sqlite3.
// Targets are those of the oldest runtime we start on (Electron 33: Node 20.18, Chromium 130).
import { defineConfig } from 'electron-vite';

const oldestNode = 'node20.18';
const oldestChromium = 'chrome130';

const nodeEntries = {
  index: 'src/main/index.ts',
  cli: 'src/cli/index.ts',
  'sampler-thread': 'src/node/sampling/sampler-thread.ts',
  'store-thread': 'src/node/storage/store-thread.ts',
};

export default defineConfig({
  main: {
    build: {
      target: oldestNode,
      sourcemap: true,
      externalizeDeps: false,
      rolldownOptions: {
        external: ['electron', 'better-sqlite3'],
        input: nodeEntries,
        output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      target: oldestNode,
      externalizeDeps: false,
      rolldownOptions: {
        external: ['electron'],
        input: { index: 'src/preload/index.ts' },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src/renderer',
    build: {
      target: oldestChromium,
      // Half the text to parse before the first value is on the screen.
      minify: true,
      rolldownOptions: {
        input: { index: 'src/renderer/index.html' },
        // One file for all that the first paint needs: a dozen small ones each cost a question to the main process.
        output: { codeSplitting: { groups: [{ name: 'start', tags: ['$initial'] }] } },
      },
    },
  },
});
