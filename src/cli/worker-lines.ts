/** What `labwatch workers show` prints of one worker. */
import { columnsOf, printable } from '../app/terminal-text.ts';
import { hardwareFingerprint } from '../core/fleet/hardware-fingerprint.ts';
import { inventoryFacts } from '../core/fleet/inventory-facts.ts';
import { labelTexts } from '../core/fleet/labels.ts';
import { priceWords } from '../core/fleet/price.ts';
import type { WorkerView } from '../core/fleet/worker.ts';
import { termsWords } from '../core/tasks/terms.ts';
import type { WorkerDetail } from '../shared/control/contract.ts';
import { tableLines } from './table.ts';

/** Safe to print, whatever the machine says of itself. */
export function workerLines({ worker, inventory }: WorkerDetail, columns: number): readonly string[] {
  const { name, link, level, workerId, labels, pricePerHour, capabilities, inventoryAtMs } = worker;
  const place = worker.remote === null ? 'this machine' : (worker.remote.address ?? 'not heard from yet');
  const head = [
    ['Worker', name],
    ['State', `${link}, level ${level}, ${place}`],
    ['Id', workerId],
    ['Labels', labelTexts(labels).join(', ') || 'none'],
    ['Tasks', tasksWords(worker)],
    ['Price', pricePerHour === null ? 'not said' : priceWords(pricePerHour)],
  ];
  if (inventory === null) {
    return [...rows(head), '', 'Its hardware was not read yet.'];
  }
  const facts = inventoryFacts(inventory).flatMap(([title, values]) =>
    values.map((value, index) => [index === 0 ? title : '', value]),
  );
  return [
    ...rows([...head, ['Fingerprint', hardwareFingerprint(inventory)]]),
    '',
    `Hardware and software, read ${new Date(inventoryAtMs ?? inventory.atMs).toLocaleString('sv-SE')}`,
    ...rows(facts),
    '',
    'Capabilities',
    ...wrapped(capabilities.map(printable), columns),
  ];
}

function tasksWords({ isLocal, runsTasks, remote, admission }: WorkerView): string {
  if (!runsTasks) return isLocal ? 'runs no tasks' : 'runs no tasks: its owner lets it be watched';
  const terms = remote?.taskTerms;
  const words = terms ? termsWords(terms, 'the agent’s user') : 'runs tasks';
  return admission === 'open' ? words : `${words}; ${admission}`;
}

/** The same for programs. */
export function workerJson({ worker, inventory }: WorkerDetail) {
  const { workerId, name, link, labels, pricePerHour, capabilities, inventoryAtMs } = worker;
  const { runsTasks, admission, remote } = worker;
  const tasks = { runsTasks, admission, terms: remote?.taskTerms ?? null };
  const fingerprint = inventory === null ? null : hardwareFingerprint(inventory);
  return { workerId, name, link, labels, pricePerHour, tasks, fingerprint, capabilities, inventoryAtMs, inventory };
}

function rows(cells: readonly (readonly string[])[]): readonly string[] {
  return tableLines(cells.map((row) => row.map(printable)));
}

function wrapped(words: readonly string[], columns: number): readonly string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last === undefined || columnsOf(last) + columnsOf(word) + 2 > columns) lines.push(word);
    else lines[lines.length - 1] = `${last}  ${word}`;
  }
  return lines;
}
