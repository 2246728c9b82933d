/**
 * The inventory, read in a process of its own that runs the agent's file: a thread would leave ten megabytes behind in
 * an agent that has sixty.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Inventory } from '../core/fleet/inventory.ts';
import { readInventory } from '../node/sampling/inventory/read-inventory.ts';
import { endShortPrograms } from '../node/sampling/inventory/short-program.ts';
import { ownSources } from '../node/sampling/inventory/sources.ts';
import type { InventoryReading } from '../node/sampling/inventory-reading.ts';
import { systemClock } from '../node/system-clock.ts';

/** What the agent's file is started with to do this and nothing else. */
export const INVENTORY_FLAG = '--read-inventory';

const LARGEST_ANSWER = 4 * 1024 * 1024;

/** `agentFile`: the agent as one self-contained file. */
export function readInventoryInProcess(agentFile: string): InventoryReading {
  const child = spawn(process.execPath, [agentFile, INVENTORY_FLAG], { stdio: ['ignore', 'pipe', 'ignore'] });
  const answer = new Promise<Inventory>((resolve, reject) => {
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.length > LARGEST_ANSWER) child.kill('SIGKILL');
    });
    child.on('error', reject);
    child.on('close', (code) => {
      try {
        if (code !== 0) throw new Error(`The program that reads it ended with ${code}.`);
        resolve(JSON.parse(text) as Inventory);
      } catch (error) {
        reject(error as Error);
      }
    });
  });
  return { answer, end: () => giveUp(child) };
}

/** It ends what it started, and itself; a library call that holds it up does not save it. */
function giveUp(child: ChildProcess): void {
  child.kill('SIGTERM');
  setTimeout(() => child.kill('SIGKILL'), 1_000).unref();
}

/** That process: writes the inventory to stdout. */
export async function writeInventory(): Promise<void> {
  process.once('SIGTERM', () => {
    endShortPrograms();
    process.exit(1);
  });
  process.stdout.write(JSON.stringify(await readInventory(ownSources(), systemClock.nowMs)));
}
