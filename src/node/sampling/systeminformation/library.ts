/**
 * The library systeminformation, loaded when first needed, and as much of it as is sampled from.
 *
 * Most of its calls start a program or a shell, so they are asked at slow paces only. On Windows one PowerShell is kept
 * for all of them.
 */
import type * as Library from 'systeminformation';

export type SystemLibrary = Pick<
  typeof Library,
  'mem' | 'fsSize' | 'networkStats' | 'fsStats' | 'processes' | 'battery' | 'cpuTemperature'
>;

export class LibraryLoader {
  #library: Promise<typeof Library> | null = null;
  #hasShell = false;

  load = async (): Promise<SystemLibrary> => {
    this.#library ??= import('systeminformation');
    const library = await this.#library;
    if (process.platform === 'win32' && !this.#hasShell) {
      this.#hasShell = true;
      library.powerShellStart();
    }
    return library;
  };

  /** Gives the PowerShell back. */
  async release(): Promise<void> {
    if (this.#hasShell) (await this.#library)?.powerShellRelease();
    this.#hasShell = false;
  }
}
