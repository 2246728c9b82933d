/** What a machine is made of. Read once at start and on request; unknown parts are null or empty, never guessed. */
import { isSoftwareName, type SoftwareName } from './software.ts';

export interface Inventory {
  /** When its reading began, by the clock of the machine. */
  readonly atMs: number;
  readonly hostName: string;
  readonly os: {
    readonly platform: string;
    readonly distribution: string;
    readonly release: string;
    readonly kernel: string;
    readonly arch: string;
  };
  readonly machine: {
    readonly manufacturer: string | null;
    readonly model: string | null;
    readonly isVirtual: boolean | null;
  };
  readonly cpu: {
    readonly model: string;
    readonly physicalCores: number | null;
    readonly logicalCores: number;
    readonly maxFrequencyHz: number | null;
    /** By the names of `instruction-sets.ts`; null: not read. */
    readonly instructionSets: readonly string[] | null;
    /** All of one kind together, smallest level first; null: not read. */
    readonly caches: readonly Cache[] | null;
  };
  readonly memoryBytes: number;
  readonly swapBytes: number | null;
  readonly gpus: readonly Gpu[];
  /** The newest CUDA that the NVIDIA driver can run. */
  readonly cudaDriverVersion: string | null;
  readonly disks: readonly {
    readonly device: string;
    readonly model: string | null;
    readonly kind: 'ssd' | 'hdd' | 'nvme' | 'virtual' | 'unknown';
    readonly sizeBytes: number | null;
  }[];
  readonly nics: readonly {
    readonly name: string;
    readonly macAddress: string | null;
    readonly speedBitsPerSecond: number | null;
    readonly isVirtual: boolean;
  }[];
  /** Programs that tasks may need; null: not looked for. */
  readonly software: readonly InstalledSoftware[] | null;
  /** What of it the agent's profile made up: `CPU`, `memory`, `GPU`; empty where all was found. */
  readonly simulated: readonly string[];
}

export interface Cache {
  /** `L1d`, `L1i`, `L2`, `L3`. */
  readonly name: string;
  readonly sizeBytes: number;
  /** How many of them; null where only their sum is known. */
  readonly count: number | null;
}

export interface Gpu {
  readonly vendor: string;
  readonly model: string;
  readonly memoryBytes: number | null;
  readonly driver: string | null;
  /** NVIDIA's number for what the GPU can compute: `8.9`. */
  readonly computeCapability: string | null;
  /** Its place on the PCI bus: `0000:3b:00.0`. */
  readonly address: string | null;
}

export interface InstalledSoftware {
  readonly name: SoftwareName;
  /** Null where the program is there and did not say in time. */
  readonly version: string | null;
}

type Later<Whole, Added extends keyof Whole> = Omit<Whole, Added> & {
  readonly [Name in Added]?: Whole[Name] | undefined;
};

/** An inventory as it was stored or sent, perhaps by a version that read less. */
export type PastInventory = Omit<Later<Inventory, 'cudaDriverVersion' | 'simulated'>, 'cpu' | 'gpus' | 'software'> & {
  readonly cpu: Later<Inventory['cpu'], 'instructionSets' | 'caches'>;
  readonly gpus: readonly Later<Gpu, 'computeCapability' | 'address'>[];
  readonly software?: readonly { readonly name: string; readonly version: string | null }[] | null | undefined;
};

/** The one place that knows what older versions did not read: it is unknown. What a newer one calls by a new name is left out. */
export function completeInventory(past: PastInventory): Inventory {
  return {
    ...past,
    cpu: { ...past.cpu, instructionSets: past.cpu.instructionSets ?? null, caches: past.cpu.caches ?? null },
    gpus: past.gpus.map((gpu) => ({
      ...gpu,
      computeCapability: gpu.computeCapability ?? null,
      address: gpu.address ?? null,
    })),
    cudaDriverVersion: past.cudaDriverVersion ?? null,
    simulated: past.simulated ?? [],
    software: past.software?.flatMap(({ name, version }) => (isSoftwareName(name) ? [{ name, version }] : [])) ?? null,
  };
}
