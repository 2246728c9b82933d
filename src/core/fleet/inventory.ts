/** What a machine is made of. Read once at start and on request; unknown parts are null or empty, never guessed. */
export interface Inventory {
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
  };
  readonly memoryBytes: number;
  readonly swapBytes: number | null;
  readonly gpus: readonly {
    readonly vendor: string;
    readonly model: string;
    readonly memoryBytes: number | null;
    readonly driver: string | null;
  }[];
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
}
