// `npm run check`: types, lint, unused code.
import { canRunScripts, continueOnBundledNode } from './bundled-node.mjs';

if (!canRunScripts()) await continueOnBundledNode(import.meta.filename, process.argv.slice(2));
const { runChecks } = await import('./testing/checks.ts');
const { closingLine, isGood, tally } = await import('./testing/outcome.ts');
const { projectFolder } = await import('./project.ts');

const outcome = tally([await runChecks(projectFolder)]);
console.log(closingLine(outcome));
process.exitCode = isGood(outcome) ? 0 : 1;
