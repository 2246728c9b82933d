// The agent as one file that runs under nothing but Node: what the coordinator serves to a new worker.
// Everything is bundled. ws asks for native helpers and does without; here it does not even ask.
import { defineConfig } from 'vite';
import manifest from './package.json' with { type: 'json' };

const oldestNode = 'node20.18';

export default defineConfig({
  define: {
    LABWATCH_AGENT_VERSION: JSON.stringify(manifest.version),
    'process.env.WS_NO_BUFFER_UTIL': '"1"',
    'process.env.WS_NO_UTF_8_VALIDATE': '"1"',
  },
  ssr: { noExternal: true },
  build: {
    ssr: 'src/worker/index.ts',
    target: oldestNode,
    outDir: 'out/agent',
    // Less text to fetch, to parse and to keep in memory.
    minify: true,
    rolldownOptions: {
      output: { entryFileNames: 'labwatch-agent.mjs', codeSplitting: false },
    },
  },
});
