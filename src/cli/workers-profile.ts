/** `labwatch workers show|label|price`: what a worker is made of, what it can do, and what people say of it. */
import type { Command } from 'commander';
import { printable } from '../app/terminal-text.ts';
import { labelTexts, parseLabelChange } from '../core/fleet/labels.ts';
import { parsePrice, priceWords } from '../core/fleet/price.ts';
import type { WorkerView } from '../core/fleet/worker.ts';
import { fail, type Result } from '../core/result.ts';
import type { ControlClient } from '../node/control-socket-client.ts';
import type { WorkerDetail } from '../shared/control/contract.ts';
import { print, printJson } from './command.ts';
import type { Outcome } from './index.ts';
import { addInstanceCommand, inInstance, said, workerArgument } from './instance-command.ts';
import { workerJson, workerLines } from './worker-lines.ts';

/** Longer than the reading of an inventory may take. */
const REFRESH_LIMIT_MS = 75_000;
const LOOK_EVERY_MS = 250;
/** How well the clock of another machine is known. */
const CLOCK_SLACK_MS = 500;

export function addWorkersProfile(workers: Command, outcome: Outcome): void {
  addInstanceCommand(
    workers,
    'show',
    'show one worker: hardware, capabilities, labels, price',
    'labwatch workers show rig-03',
  )
    .addArgument(workerArgument())
    .option('--refresh', 'read its hardware and software again first')
    .action(
      inInstance(outcome, async (client, isJson, worker: string, options: { readonly refresh?: boolean }) => {
        const shown = options.refresh ? await refreshed(client, worker) : await client.call('workers.show', { worker });
        if (!shown.ok) return shown;
        if (isJson) printJson(workerJson(shown.value));
        else for (const line of workerLines(shown.value, process.stdout.columns ?? 100)) print(line);
        return shown;
      }),
    );
  addInstanceCommand(
    workers,
    'label',
    'set labels (key=value) or remove them (key-)',
    'labwatch workers label rig-03 rack=b old-',
  )
    .addArgument(workerArgument())
    .argument('<changes...>', 'key=value to set a label, key- to remove it')
    .action(
      inInstance(outcome, async (client, isJson, worker: string, texts: readonly string[]) => {
        const changes = [];
        for (const text of texts) {
          const change = parseLabelChange(text);
          if (!change.ok) return change;
          changes.push(change.value);
        }
        const labelled = await client.call('workers.label', { worker, changes });
        return said(
          labelled,
          isJson,
          ({ name, labels }) => `${name}: ${labelTexts(labels).join(', ') || 'no labels'}.`,
        );
      }),
    );
  addInstanceCommand(
    workers,
    'price',
    'say what a worker costs an hour, in your own currency',
    'labwatch workers price rig-03 0.35',
  )
    .addArgument(workerArgument())
    .argument('<price>', 'a number, or none')
    .action(
      inInstance(outcome, async (client, isJson, worker: string, text: string) => {
        const price = parsePrice(text);
        if (!price.ok) return price;
        const priced = await client.call('workers.price', { worker, pricePerHour: price.value });
        return said(priced, isJson, ({ name, pricePerHour }) =>
          pricePerHour === null ? `${name} has no price.` : `${name} costs ${priceWords(pricePerHour)}.`,
        );
      }),
    );
}

/** Asks for a new reading and waits until it has come. */
async function refreshed(client: ControlClient, worker: string): Promise<Result<WorkerDetail>> {
  const before = await client.call('workers.show', { worker });
  if (!before.ok) return before;
  const { workerId, name } = before.value.worker;
  const askedAtMs = Date.now();
  const asked = await client.call('workers.refresh', { worker: workerId });
  if (!asked.ok) return asked;
  const line = waitingLine(printable(`Reading the hardware of ${name} …`));
  try {
    const giveUpAt = performance.now() + REFRESH_LIMIT_MS;
    while (performance.now() < giveUpAt) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      const now = await client.call('workers.show', { worker: workerId });
      if (!now.ok || isReadSince(before.value.worker, now.value.worker, askedAtMs)) return now;
      const trouble = newTrouble(before.value, now.value);
      if (trouble !== null) return fail('internal', trouble);
    }
  } finally {
    line.dispose();
  }
  return fail(
    'internal',
    `The hardware of ${name} was not read within ${REFRESH_LIMIT_MS / 1_000} s. Try again later.`,
  );
}

/** A reading that was under way already is not the one that was asked for. The instance's clock is this machine's. */
function isReadSince(before: WorkerView, now: WorkerView, askedAtMs: number): boolean {
  const { inventoryAtMs, remote } = now;
  if (inventoryAtMs === null || inventoryAtMs === before.inventoryAtMs) return false;
  const difference = remote === null ? 0 : remote.clockDifferenceMs;
  return difference === null || inventoryAtMs - difference >= askedAtMs - (remote === null ? 0 : CLOCK_SLACK_MS);
}

/** What began to be wrong with the reading since it was asked for. */
function newTrouble(before: WorkerDetail, now: WorkerDetail): string | null {
  const [old, failing] = [before, now].map(({ worker }) =>
    worker.collectors.find(({ collector, state }) => collector === 'inventory' && state === 'failing'),
  );
  return failing === undefined || failing.sinceMs === old?.sinceMs ? null : failing.reason;
}

/** Only where a person watches. */
function waitingLine(text: string): { dispose(): void } {
  if (!process.stderr.isTTY) return { dispose: () => undefined };
  process.stderr.write(`\r\u001b[K${text}`);
  return { dispose: () => void process.stderr.write('\r\u001b[K') };
}
