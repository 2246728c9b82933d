// `npm run bench`: every figure of docs/benchmarks.md, measured here and now. `-- --json FILE`, `-- --runs N`, `-- PATH`.
import { canRunScripts, continueOnBundledNode } from './bundled-node.mjs';

if (!canRunScripts()) await continueOnBundledNode(import.meta.filename, process.argv.slice(2));
const { runBenches } = await import('./benching/run-benches.ts');
process.exitCode = await runBenches(process.argv.slice(2));
