/**
 * Memory as it was installed, from what the kernel leaves over.
 *
 * The kernel and the firmware keep one to four percent for themselves, a little more or less with each version. Modules
 * come in sizes that make sums of few binary digits, so the next such sum above is what was put in.
 */

/** Up to the next of 8, 9, … 15, 16, 18, 20 … GiB: steps of an eighth of a power of two. */
export function installedMemoryBytes(memoryBytes: number): number {
  if (!(memoryBytes > 0)) return 0;
  const step = 2 ** Math.max(20, Math.floor(Math.log2(memoryBytes)) - 3);
  return Math.ceil(memoryBytes / step) * step;
}
