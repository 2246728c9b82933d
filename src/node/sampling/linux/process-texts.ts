/**
 * Command line and owner of the processes that are shown, kept for as long as they run.
 *
 * `/proc/PID/cmdline` waits for the process's memory lock, which a process stuck in the kernel may hold for ever. So it is
 * read off this thread and given a moment; one that does not answer is shown by its name and not asked again.
 */
import { open, readFile, stat } from 'node:fs/promises';
import { parseCmdline, parsePasswd } from './parse/process-text.ts';
import type { ProcessEntry } from './process-entry.ts';

const ANSWER_LIMIT_MS = 500;
const MOST_COMMAND_BYTES = 4_096;
/** The user database is read again at most this often, when a new owner turns up. */
const PASSWD_EVERY_MS = 60_000;

export interface ProcessText {
  readonly startTicks: number;
  readonly command: string;
  readonly user: string | null;
}

export class ProcessTexts {
  readonly #procRoot: string;
  readonly #known = new Map<number, ProcessText>();
  #userNames: ReadonlyMap<number, string> = new Map();
  #userNamesReadAtMs = Number.NEGATIVE_INFINITY;
  #hanging = 0;

  constructor(procRoot: string) {
    this.#procRoot = procRoot;
  }

  /** The texts of a process after `load`. */
  of(entry: ProcessEntry): ProcessText {
    const known = this.#known.get(entry.pid);
    if (known !== undefined && known.startTicks === entry.startTicks) return known;
    return { startTicks: entry.startTicks, command: fallbackCommand(entry), user: null };
  }

  /** Reads what is not known yet. */
  async load(entries: readonly ProcessEntry[]): Promise<void> {
    for (const entry of entries) {
      if (this.#known.get(entry.pid)?.startTicks === entry.startTicks) continue;
      // A process that has just started carries its parent's command line until it calls exec: read again next time.
      this.#known.set(entry.pid, { startTicks: entry.startTicks, ...(await this.#read(entry)) });
    }
  }

  forget(pid: number): void {
    this.#known.delete(pid);
  }

  async #read(entry: ProcessEntry): Promise<{ command: string; user: string | null }> {
    const fallback = { command: fallbackCommand(entry), user: null };
    // Each one that hangs keeps a thread of Node's few; one is enough.
    if (this.#hanging > 0) return fallback;
    this.#hanging += 1;
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<typeof fallback>((resolve) => {
      timer = setTimeout(resolve, ANSWER_LIMIT_MS, fallback);
    });
    const answer = this.#ask(entry).catch(() => fallback);
    void answer.then(() => {
      this.#hanging -= 1;
    });
    const first = await Promise.race([answer, limit]);
    clearTimeout(timer);
    return first;
  }

  async #ask(entry: ProcessEntry): Promise<{ command: string; user: string | null }> {
    const folder = `${this.#procRoot}/${entry.pid}`;
    const { uid } = await stat(folder);
    const user = await this.#userName(uid);
    if (entry.isKernelThread) return { command: fallbackCommand(entry), user };
    const file = await open(`${folder}/cmdline`, 'r');
    try {
      const buffer = Buffer.alloc(MOST_COMMAND_BYTES);
      const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
      const command = parseCmdline(buffer.subarray(0, bytesRead));
      return { command: command === '' ? fallbackCommand(entry) : command, user };
    } finally {
      await file.close();
    }
  }

  async #userName(uid: number): Promise<string> {
    const nowMs = performance.now();
    if (!this.#userNames.has(uid) && nowMs - this.#userNamesReadAtMs > PASSWD_EVERY_MS) {
      this.#userNamesReadAtMs = nowMs;
      this.#userNames = parsePasswd(await readFile('/etc/passwd', 'utf8').catch(() => ''));
    }
    return this.#userNames.get(uid) ?? String(uid);
  }
}

function fallbackCommand(entry: ProcessEntry): string {
  return entry.isKernelThread ? `[${entry.name}]` : entry.name;
}
