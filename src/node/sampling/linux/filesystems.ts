/**
 * Usage of every real filesystem but `/`, from `/proc/self/mounts` and statfs(2).
 *
 * A server that is gone lets statfs hang for minutes, and each such call keeps one of the few threads Node has for files.
 * So mounts are asked one after another, those of other machines in a row of their own, and a row that hangs is left
 * alone until it answers: at most two threads are ever lost to it, and local disks are read on.
 */
import type { StatsFs } from 'node:fs';
import { readFile, statfs as systemStatfs } from 'node:fs/promises';
import { type Collector, type Condition, failing, OK, type Sink } from '../collector.ts';
import { FilesystemSeries } from '../filesystem-series.ts';
import { type Mount, parseMounts } from './parse/mounts.ts';
import type { Roots } from './roots.ts';

const CADENCE_MS = 30_000;
const ANSWER_LIMIT_MS = 3_000;

type AskFilesystem = (mountPoint: string) => Promise<StatsFs>;

/** Mounts asked one after another. */
class Row {
  readonly #statfs: AskFilesystem;
  #hangingMountPoint: string | null = null;

  constructor(ask: AskFilesystem) {
    this.#statfs = ask;
  }

  /** Puts the readings of the mounts that answer; answers the mount points that failed, with why. */
  async read(mounts: readonly Mount[], put: (mount: Mount, stats: StatsFs) => void) {
    const problems: string[] = [];
    for (const mount of mounts) {
      if (this.#hangingMountPoint !== null) break;
      const answer = await this.#ask(mount.mountPoint);
      if (typeof answer === 'string') problems.push(answer);
      else if (answer !== null) put(mount, answer);
    }
    if (this.#hangingMountPoint !== null) problems.push(`${this.#hangingMountPoint} does not answer`);
    return problems;
  }

  async #ask(mountPoint: string) {
    this.#hangingMountPoint = mountPoint;
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<null>((resolve) => {
      timer = setTimeout(resolve, ANSWER_LIMIT_MS, null);
    });
    const answer = this.#statfs(mountPoint).catch((error: Error) => `${mountPoint}: ${error.message}`);
    void answer.then(() => {
      this.#hangingMountPoint = null;
    });
    const first = await Promise.race([answer, limit]);
    clearTimeout(timer);
    return first;
  }
}

/** `ask` is statfs(2), given as an argument because no test can make a real one hang. */
export function filesystemsCollector(roots: Roots, ask: AskFilesystem = systemStatfs): Collector {
  const local = new Row(ask);
  const remote = new Row(ask);
  const series = new Map<string, FilesystemSeries>();

  function seriesOf(mountPoint: string): FilesystemSeries {
    let known = series.get(mountPoint);
    if (known === undefined) {
      known = new FilesystemSeries(mountPoint);
      series.set(mountPoint, known);
    }
    return known;
  }

  return {
    name: 'filesystems',
    leastLevel: 'standard',
    cadenceMs: () => CADENCE_MS,
    timeLimitMs: 2 * ANSWER_LIMIT_MS,
    isInFirstTick: false,
    detect: () => OK,
    async read(sink: Sink): Promise<Condition> {
      const mounts = parseMounts(await readFile(`${roots.proc}/self/mounts`, 'utf8')).filter(
        ({ mountPoint }) => mountPoint !== '/',
      );
      const put = (mount: Mount, stats: StatsFs) => seriesOf(mount.mountPoint).put(sink, stats);
      const problems = await Promise.all([
        local.read(
          mounts.filter(({ isRemote }) => !isRemote),
          put,
        ),
        remote.read(
          mounts.filter(({ isRemote }) => isRemote),
          put,
        ),
      ]);
      const all = problems.flat();
      return all.length === 0 ? OK : failing(`${all.join('; ')}.`);
    },
    reset() {},
    dispose() {},
  };
}
