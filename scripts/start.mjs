// `npm start`: opens the app, or goes on without a window where there is no display.
import { canRunScripts, continueOnBundledNode } from './bundled-node.mjs';

if (!canRunScripts()) await continueOnBundledNode(import.meta.filename, process.argv.slice(2));
const { start } = await import('./start/start.ts');
process.exitCode = await start(process.argv.slice(2));
