/** Where the kernel's file trees lie. Tests bring trees of their own. */
export interface Roots {
  readonly proc: string;
  readonly sys: string;
}

/**
 * Pages and ticks, in which the kernel counts; read from the auxiliary vector of this process (getauxval(3)), since Node
 * has no `sysconf`.
 */
export interface KernelUnits {
  readonly pageBytes: number;
  readonly ticksPerSecond: number;
}

const AT_PAGESZ = 6n;
const AT_CLKTCK = 17n;

/** Units named in the bytes of `/proc/self/auxv` of a 64-bit process; 4096 and 100 where they are not named. */
export function kernelUnitsFrom(auxv: Buffer): KernelUnits {
  let pageBytes = 4_096;
  let ticksPerSecond = 100;
  for (let at = 0; at + 16 <= auxv.length; at += 16) {
    const type = auxv.readBigUInt64LE(at);
    if (type === AT_PAGESZ) pageBytes = Number(auxv.readBigUInt64LE(at + 8));
    if (type === AT_CLKTCK) ticksPerSecond = Number(auxv.readBigUInt64LE(at + 8));
  }
  return { pageBytes, ticksPerSecond };
}
