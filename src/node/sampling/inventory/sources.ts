/** Where the inventory is read from. */
import { delimiter } from 'node:path';

export interface InventorySources {
  /** The kernel's file trees. */
  readonly procRoot: string;
  readonly sysRoot: string;
  /** Folders to look for programs in, as PATH names them. */
  readonly searchPath: string;
}

/** Where toolkits install themselves and leave PATH to the user. */
const TOOLKIT_FOLDERS = ['/usr/local/cuda/bin', '/opt/rocm/bin'];

/** The machine that this process runs on. */
export function ownSources(): InventorySources {
  const own = process.env.PATH ?? '';
  const searchPath = process.platform === 'linux' ? [own, ...TOOLKIT_FOLDERS].join(delimiter) : own;
  return { procRoot: '/proc', sysRoot: '/sys', searchPath };
}
