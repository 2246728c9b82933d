/** What became different of a machine between two inventories, as sentences for its history. */
import { formatBytes, formatGigabytes } from '../metrics/format.ts';
import { changedGpus } from './gpu-changes.ts';
import { isMadeUp } from './hardware-fingerprint.ts';
import type { Inventory } from './inventory.ts';
import { SOFTWARE, SOFTWARE_NAMES } from './software.ts';

/** Kernels keep a little more or less for themselves: below this share, memory is the same. */
const MEMORY_SLACK = 0.02;
/** Of an event's message. */
const MOST_CHARACTERS = 500;

/** Empty when nothing that a person would call a change is different. What one of the two did not know is no change. */
export function inventoryChanges(before: Inventory, after: Inventory): readonly string[] {
  return [
    ...changedGpus(before, after),
    ...changedProcessor(before, after),
    ...changedMemory(before, after),
    ...changedDisks(before.disks, after.disks),
    ...changedNics(before.nics, after.nics),
    ...changedSystem(before, after),
    ...changedSoftware(before.software, after.software),
  ].map((sentence) => sentence.replaceAll('\u00a0', ' '));
}

/** The sentences as one message of bounded length; null without any. */
export function inventoryChangeMessage(before: Inventory, after: Inventory): string | null {
  const sentences = inventoryChanges(before, after);
  if (sentences.length === 0) return null;
  let message = '';
  for (const [index, sentence] of sentences.entries()) {
    const rest = ` And ${sentences.length - index} more.`;
    const longer = message === '' ? sentence : `${message} ${sentence}`;
    if (longer.length + rest.length > MOST_CHARACTERS) return `${message}${rest}`.trim();
    message = longer;
  }
  return message;
}

function changedProcessor({ cpu: before }: Inventory, { cpu: after }: Inventory): readonly string[] {
  const sentences: string[] = [];
  if (before.model !== after.model) sentences.push(`CPU ${name(before.model)} → ${name(after.model)}.`);
  const { physicalCores: cores } = before;
  if (cores !== null && after.physicalCores !== null && cores !== after.physicalCores) {
    sentences.push(`CPU cores ${cores} → ${after.physicalCores}.`);
  } else if (before.logicalCores !== after.logicalCores) {
    sentences.push(`CPU threads ${before.logicalCores} → ${after.logicalCores}.`);
  }
  // Another processor has others; that is no news.
  if (before.model !== after.model) return sentences;
  const { gone, come } = difference(before.instructionSets, after.instructionSets);
  if (gone.length > 0) sentences.push(`The CPU lacks ${gone.join(', ')} now.`);
  if (come.length > 0) sentences.push(`The CPU has ${come.join(', ')} now.`);
  return sentences;
}

function changedMemory({ memoryBytes: before }: Inventory, { memoryBytes: after }: Inventory): readonly string[] {
  const isSame = Math.abs(before - after) <= MEMORY_SLACK * Math.max(before, after);
  return isSame ? [] : [`Memory ${formatBytes(before)} → ${formatBytes(after)}.`];
}

/** By what they are: a disk may get another letter at each start. */
function changedDisks(before: Inventory['disks'], after: Inventory['disks']): readonly string[] {
  const identity = ({ model, kind, sizeBytes }: Inventory['disks'][number]) => `${model}\n${kind}\n${sizeBytes}`;
  const words = ({ device, model, sizeBytes }: Inventory['disks'][number]) => {
    const about = [model, sizeBytes === null ? null : formatGigabytes(sizeBytes)].filter((part) => part !== null);
    return about.length === 0 ? `Disk ${name(device)}` : `Disk ${name(device)} (${about.map(name).join(', ')})`;
  };
  return [
    ...without(before, after, identity).map((disk) => `${words(disk)} is gone.`),
    ...without(after, before, identity).map((disk) => `${words(disk)} is new.`),
  ];
}

/** Cards, not the networks that software makes and unmakes. */
function changedNics(before: Inventory['nics'], after: Inventory['nics']): readonly string[] {
  const cards = (nics: Inventory['nics']) =>
    nics.filter((nic) => !nic.isVirtual && (nic.macAddress === null || !isMadeUp(nic.macAddress)));
  const identity = (nic: Inventory['nics'][number]) => nic.macAddress?.toLowerCase() ?? nic.name;
  return [
    ...without(cards(before), cards(after), identity).map((nic) => `Network card ${name(nic.name)} is gone.`),
    ...without(cards(after), cards(before), identity).map((nic) => `Network card ${name(nic.name)} is new.`),
  ];
}

function changedSystem({ os: before }: Inventory, { os: after }: Inventory): readonly string[] {
  const systems = [before, after].map(({ distribution, release }) => name(`${distribution} ${release}`.trim()));
  const sentences = systems[0] === systems[1] ? [] : [`System ${systems[0]} → ${systems[1]}.`];
  if (before.kernel !== after.kernel) sentences.push(`Kernel ${name(before.kernel)} → ${name(after.kernel)}.`);
  return sentences;
}

function changedSoftware(before: Inventory['software'], after: Inventory['software']): readonly string[] {
  if (before === null || after === null) return [];
  return SOFTWARE_NAMES.flatMap((software) => {
    const versions = [before, after].map((all) => all.filter(({ name: one }) => one === software));
    const [old = [], now = []] = versions.map((all) => all.map(({ version }) => version));
    const { title } = SOFTWARE[software];
    if (old.length === 0 && now.length === 0) return [];
    if (now.length === 0) return [`${title} is gone.`];
    if (old.length === 0) return [`${[title, ...now].filter((part) => part !== null).join(' ')} is new.`];
    // One that did not say its version in time may be the same.
    if (old.includes(null) || now.includes(null)) return [];
    const { gone, come } = difference(old, now);
    if (gone.length === 1 && come.length === 1) return [`${title} ${gone[0]} → ${come[0]}.`];
    return [
      ...gone.map((version) => `${title} ${version} is gone.`),
      ...come.map((version) => `${title} ${version} is new.`),
    ];
  });
}

/** Nothing is gone or come where one of the two is not known. */
function difference<Item>(before: readonly Item[] | null, after: readonly Item[] | null) {
  if (before === null || after === null) return { gone: [], come: [] };
  return {
    gone: before.filter((item) => !after.includes(item)),
    come: after.filter((item) => !before.includes(item)),
  };
}

/** What of `all` has no counterpart in `others`: of three alike against two, the last. */
function without<Item>(
  all: readonly Item[],
  others: readonly Item[],
  identity: (item: Item) => string,
): readonly Item[] {
  const left = others.map(identity);
  return all.filter((item) => {
    const place = left.indexOf(identity(item));
    if (place < 0) return true;
    left.splice(place, 1);
    return false;
  });
}

/** Text from a machine, of a length that leaves room for the sentence. */
function name(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 79).toWellFormed()}…`;
}
