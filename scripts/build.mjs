// `npm run build`: makes out/ match the sources.
import { canRunScripts, continueOnBundledNode } from './bundled-node.mjs';

if (!canRunScripts()) await continueOnBundledNode(import.meta.filename, process.argv.slice(2));
const { BuildError, buildIfNeeded } = await import('./build/build.ts');
const { projectFolder } = await import('./project.ts');

try {
  await buildIfNeeded(projectFolder, console.error);
} catch (error) {
  if (!(error instanceof BuildError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
