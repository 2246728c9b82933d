/** The programs that are looked for on a worker, what their capability is called, and what people call them. */

interface Program {
  readonly capability: string;
  readonly title: string;
  readonly group: 'Containers' | 'Python' | 'GPU toolkits' | 'Compilers';
}

const PROGRAMS = {
  docker: { capability: 'container.docker', title: 'Docker', group: 'Containers' },
  podman: { capability: 'container.podman', title: 'Podman', group: 'Containers' },
  containerd: { capability: 'container.containerd', title: 'containerd', group: 'Containers' },
  apptainer: { capability: 'container.apptainer', title: 'Apptainer', group: 'Containers' },
  python: { capability: 'python', title: 'Python', group: 'Python' },
  cuda: { capability: 'cuda.toolkit', title: 'CUDA toolkit', group: 'GPU toolkits' },
  rocm: { capability: 'rocm', title: 'ROCm', group: 'GPU toolkits' },
  gcc: { capability: 'compiler.gcc', title: 'GCC', group: 'Compilers' },
  clang: { capability: 'compiler.clang', title: 'Clang', group: 'Compilers' },
  rustc: { capability: 'compiler.rustc', title: 'Rust', group: 'Compilers' },
  go: { capability: 'compiler.go', title: 'Go', group: 'Compilers' },
  javac: { capability: 'compiler.javac', title: 'Java', group: 'Compilers' },
  node: { capability: 'compiler.node', title: 'Node.js', group: 'Compilers' },
} as const satisfies Readonly<Record<string, Program>>;

export type SoftwareName = keyof typeof PROGRAMS;

export const SOFTWARE: Readonly<Record<SoftwareName, Program>> = PROGRAMS;

export const SOFTWARE_NAMES = Object.keys(PROGRAMS) as readonly SoftwareName[];

export function isSoftwareName(text: string): text is SoftwareName {
  return Object.hasOwn(PROGRAMS, text);
}
