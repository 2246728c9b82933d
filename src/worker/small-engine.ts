/**
 * Keeps V8 from compiling what an agent runs once a second: the optimizing compilers would take ten megabytes, most of
 * it their own code, to save nothing that can be measured at that pace. Imported first, and for that effect.
 */
import { setFlagsFromString } from 'node:v8';

for (const flag of ['--no-opt', '--no-maglev']) setFlagsFromString(flag);
