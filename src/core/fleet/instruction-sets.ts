/**
 * Instruction sets by the names that programs ask for, from what the kernel calls them.
 *
 * Sources: Linux, arch/x86/include/asm/cpufeatures.h and Documentation/arch/arm64/elf_hwcaps.rst. What every machine of
 * its kind has (sse2, fp) is left out.
 */

const NAMES: readonly (readonly [name: string, ...flags: string[]])[] = [
  ['sse3', 'pni', 'sse3'],
  ['ssse3', 'ssse3'],
  ['sse4.1', 'sse4_1', 'sse4.1'],
  ['sse4.2', 'sse4_2', 'sse4.2'],
  ['avx', 'avx', 'avx1.0'],
  ['f16c', 'f16c'],
  ['fma', 'fma'],
  ['avx2', 'avx2'],
  ['bmi2', 'bmi2'],
  ['avx-vnni', 'avx_vnni'],
  // The foundation stands for the family: nothing else of it comes without.
  ['avx512', 'avx512f'],
  ['avx512f', 'avx512f'],
  ['avx512bw', 'avx512bw'],
  ['avx512cd', 'avx512cd'],
  ['avx512dq', 'avx512dq'],
  ['avx512vl', 'avx512vl'],
  ['avx512vnni', 'avx512_vnni'],
  ['avx512bf16', 'avx512_bf16'],
  ['avx512fp16', 'avx512_fp16'],
  ['amx', 'amx_tile'],
  ['amx-bf16', 'amx_bf16'],
  ['amx-int8', 'amx_int8'],
  ['aes', 'aes'],
  ['sha', 'sha_ni', 'sha2'],
  ['neon', 'asimd', 'neon'],
  ['dotprod', 'asimddp'],
  ['fp16', 'asimdhp'],
  ['i8mm', 'i8mm'],
  ['bf16', 'bf16'],
  ['sve', 'sve'],
  ['sve2', 'sve2'],
  ['sme', 'sme'],
];

/** `flags`: words as the kernel or the library writes them. */
export function instructionSetsFrom(flags: string): readonly string[] {
  const known = new Set(flags.toLowerCase().split(/\s+/));
  return NAMES.filter(([, ...words]) => words.some((word) => known.has(word))).map(([name]) => name);
}
