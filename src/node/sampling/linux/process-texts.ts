/**
 * Command line and owner of the processes that are shown, kept for as long as they run.
 *
 * `/proc/PID/cmdline` waits for the process's memory lock, which a process stuck in the kernel may hold for ever. So it is
 * read off this thread and given a moment; one that does not answer is shown by its name and not asked again.
 */
import { open, readFile, stat } from 'node:fs/promises';
import { parseCmdline, parsePasswd, processName } from './parse/process-text.ts';
import type { ProcessEntry } from './process-entry.ts';

const ANSWER_LIMIT_MS = 500;
const MOST_COMMAND_BYTES = 4_096;
/** The user database is read again at most this often, when a new owner turns up. */
const PASSWD_EVERY_MS = 60_000;

export interface ProcessText {
  readonly name: string;
  readonly command: string;
  readonly user: string | null;
}

interface Known {
  readonly text: ProcessText;
  readonly startTicks: number;
  /** The kernel's name for it then: a process that calls exec gets another, and another command line. */
  readonly nameThen: string;
  /** Read in the scan that saw it first, when it may still have carried its parent's command line. */
  readonly wasNew: boolean;
}

export class ProcessTexts {
  readonly #procRoot: string;
  readonly #known = new Map<number, Known>();
  #userNames: ReadonlyMap<number, string> = new Map();
  #userNamesReadAtMs = Number.NEGATIVE_INFINITY;
  #isHanging = false;

  constructor(procRoot: string) {
    this.#procRoot = procRoot;
  }

  /** The texts of a process after `load`. */
  of(entry: ProcessEntry): ProcessText {
    const known = this.#known.get(entry.pid);
    return known?.startTicks === entry.startTicks ? known.text : fallbackOf(entry);
  }

  /** Reads what is not known yet. */
  async load(entries: readonly ProcessEntry[]): Promise<void> {
    for (const entry of entries) {
      if (this.isKnown(entry)) continue;
      const { startTicks, isNew } = entry;
      const nameThen = entry.name;
      this.#known.set(entry.pid, { startTicks, nameThen, wasNew: isNew, text: await this.#read(entry) });
    }
  }

  forget(pid: number): void {
    this.#known.delete(pid);
  }

  /** Whether `of` has nothing better to wait for. */
  isKnown(entry: ProcessEntry): boolean {
    const known = this.#known.get(entry.pid);
    if (known === undefined || known.startTicks !== entry.startTicks || known.nameThen !== entry.name) return false;
    return !known.wasNew || entry.isNew;
  }

  async #read(entry: ProcessEntry): Promise<ProcessText> {
    const fallback = fallbackOf(entry);
    // One that hangs keeps a thread of Node's few; one is enough.
    if (this.#isHanging) return fallback;
    this.#isHanging = true;
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<ProcessText>((resolve) => {
      timer = setTimeout(resolve, ANSWER_LIMIT_MS, fallback);
    });
    const answer = this.#ask(entry).catch(() => fallback);
    void answer.then(() => {
      this.#isHanging = false;
    });
    const first = await Promise.race([answer, limit]);
    clearTimeout(timer);
    return first;
  }

  async #ask(entry: ProcessEntry): Promise<ProcessText> {
    const folder = `${this.#procRoot}/${entry.pid}`;
    const { uid } = await stat(folder);
    const user = await this.#userName(uid);
    if (entry.isKernelThread) return { ...fallbackOf(entry), user };
    const file = await open(`${folder}/cmdline`, 'r');
    try {
      const buffer = Buffer.alloc(MOST_COMMAND_BYTES);
      const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
      const parts = parseCmdline(buffer.subarray(0, bytesRead));
      if (parts.length === 0) return { ...fallbackOf(entry), user };
      return { name: processName(entry.name, parts[0]!), command: parts.join(' '), user };
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

function fallbackOf(entry: ProcessEntry): ProcessText {
  return { name: entry.name, command: entry.isKernelThread ? `[${entry.name}]` : entry.name, user: null };
}
