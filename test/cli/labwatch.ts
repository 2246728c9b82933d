/** The `labwatch` executable from source, for tests that start it as a process of its own. */
import { run } from '../../src/cli/index.ts';

process.exitCode = await run(process.argv.slice(2));
