/** Entry of the agent's single file: the agent itself, or the process in which it reads the inventory. */
import './small-engine.ts';
import { fileURLToPath } from 'node:url';
import { forShell } from '../node/agent-home/home.ts';
import { exitOnCrash } from './crash-exit.ts';
import { INVENTORY_FLAG, writeInventory } from './inventory-process.ts';
import { runProgram } from './program.ts';

const argv = process.argv.slice(2);
if (argv[0] === INVENTORY_FLAG) await writeInventory();
else {
  exitOnCrash();
  const agentFile = fileURLToPath(import.meta.url);
  process.exitCode = await runProgram(argv, { command: `node ${forShell(agentFile)}`, agentFile });
}
