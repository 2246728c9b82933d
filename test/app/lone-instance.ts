/** A process with one composed instance, for a test that looks at it from outside; says what it has loaded at each tick. */
import { composeInstance } from '../../src/app/compose.ts';

const composed = await composeInstance({ dataDir: process.argv[2] ?? '' });
if (!composed.ok) throw new Error(composed.error.message);

/** Node's own modules that are in use. It has no newer name for this list. */
const loaded = () => (process as unknown as { readonly moduleLoadList: readonly string[] }).moduleLoadList;

composed.value.monitor.onBatch(() => process.stdout.write(`${JSON.stringify(loaded())}\n`));
