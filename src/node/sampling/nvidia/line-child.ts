/** A program that runs for as long as we do and prints a line now and then. */
import { type ChildProcess, spawn } from 'node:child_process';

/** A longer line is not one of ours. */
const MOST_LINE_CHARACTERS = 16_384;
const TERM_LIMIT_MS = 1_000;

export interface LineChildReport {
  onLine(line: string): void;
  /** Called once when the program is gone, however it went. */
  onEnd(reason: string): void;
}

export class LineChild {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #isEnded = false;
  #rest = '';

  /** Starts the program with no shell and no input. A start that fails is reported as its end. */
  constructor(command: string, args: readonly string[], report: LineChildReport) {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    this.#child = child;
    let message = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.#take(text, report));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      message = `${message}${text}`.slice(-500);
    });
    this.#ended = new Promise((resolve) => {
      const end = (reason: string) => {
        if (this.#isEnded) return;
        this.#isEnded = true;
        report.onEnd(message.trim() === '' ? reason : `${reason}: ${message.trim()}`);
        resolve();
      };
      child.on('error', (error) => end(error.message));
      child.on('close', (code, signal) => end(signal === null ? `ended with exit code ${code}` : `ended by ${signal}`));
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isAlive(): boolean {
    return !this.#isEnded;
  }

  /** Ends it at once: it hangs. */
  kill(): void {
    this.#child.kill('SIGKILL');
    // A descendant may hold the pipes open; they are not waited for.
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  /** Asks it to end, then makes it; resolves when it is gone. */
  async stop(): Promise<void> {
    if (this.#isEnded) return;
    this.#child.kill('SIGTERM');
    const limit = setTimeout(() => this.kill(), TERM_LIMIT_MS);
    await this.#ended;
    clearTimeout(limit);
  }

  #take(text: string, report: LineChildReport): void {
    const lines = `${this.#rest}${text}`.split('\n');
    this.#rest = (lines.pop() ?? '').slice(0, MOST_LINE_CHARACTERS);
    for (const line of lines) if (line.trim() !== '') report.onLine(line.trim());
  }
}
