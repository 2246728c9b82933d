/** Whether one word of the filter fits a worker: a part of its name or of a label, or a capability. Pure. */
import { labelTexts } from '../../core/fleet/labels.ts';
import { parseRequirement, satisfies } from '../../core/fleet/requirement.ts';
import type { WorkerView } from '../../core/fleet/worker.ts';

/**
 * `word` is in lower case. Names and labels match by any part of them, as one types; capabilities as plans ask for them
 * (`gpu`, `docker`, `gpu.compute>=8.6`), so that half a word does not match what every machine has.
 */
export function matchesWord(worker: WorkerView, word: string): boolean {
  const texts = [
    worker.name,
    worker.headline ?? '',
    worker.isLocal ? 'this machine' : '',
    ...labelTexts(worker.labels),
  ];
  return texts.some((text) => text.toLowerCase().includes(word)) || canDo(worker, word);
}

function canDo({ capabilities }: WorkerView, word: string): boolean {
  const wish = parseRequirement(word);
  if (!wish.ok) return false;
  if (satisfies(capabilities, wish.value)) return true;
  // `docker` for `container.docker`: people do not think in groups.
  return wish.value.bound === null && capabilities.some((one) => (one.split('=')[0] ?? '').split('.').includes(word));
}
