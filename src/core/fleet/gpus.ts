/** GPUs that compute, and who made them. */
import type { Gpu } from './inventory.ts';

/** The graphics of virtual machines and remote consoles: present, but nobody computes on them. */
export function isDisplayAdapter(model: string): boolean {
  return model === '' || /\b(virtio|cirrus|qxl|vmware|svga|matrox|aspeed|ast\d|bochs|hyper-v|llvmpipe)/i.test(model);
}

export function computingGpus(gpus: readonly Gpu[]): readonly Gpu[] {
  return gpus.filter((gpu) => vendorOf(gpu) !== null || !isDisplayAdapter(gpu.model));
}

const VENDORS: readonly (readonly [vendor: string, words: RegExp])[] = [
  ['nvidia', /nvidia/i],
  ['amd', /\b(amd|ati|advanced micro devices|radeon)\b/i],
  ['intel', /\bintel\b/i],
  ['apple', /\bapple\b/i],
];

/** `nvidia`, `amd`, `intel`, `apple`; null for others. */
export function vendorOf({ vendor, model }: Pick<Gpu, 'vendor' | 'model'>): string | null {
  return VENDORS.find(([, words]) => words.test(vendor) || words.test(model))?.[0] ?? null;
}

/** `RTX 4090`: without the maker's prefixes. */
export function shortModel(model: string): string {
  return model.replace(/^(NVIDIA|AMD|Intel)\s+/i, '').replace(/^GeForce\s+/i, '');
}
