// `npm test`: everything a change must pass. `-- --verbose`, `-- --long`, `-- --html FILE`, `-- PATH` narrow or widen it.
import { canRunScripts, continueOnBundledNode } from './bundled-node.mjs';

if (!canRunScripts()) await continueOnBundledNode(import.meta.filename, process.argv.slice(2));
const { runTests } = await import('./testing/run-all.ts');
process.exitCode = await runTests(process.argv.slice(2));
