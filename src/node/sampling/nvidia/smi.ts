/**
 * One way of running `nvidia-smi` for ever: starts it, starts it anew when its arguments change or it died, ends it when
 * it falls silent.
 *
 * `keep` is called at the collector's pace and does all of this; there are no timers.
 */
import type { Clock } from '../../../core/time.ts';
import { LineChild } from './line-child.ts';

/** Ten lines missed. */
const SILENCE_LIMIT_MS = 10_000;
const FIRST_BACK_OFF_MS = 1_000;
const MOST_BACK_OFF_MS = 30_000;

export interface SmiReport {
  /** Answers whether the line was understood. */
  onLine(line: string): boolean;
  /** The program started or ended. */
  onChange(): void;
  /** It prints nothing when there is nothing to tell. */
  readonly mayBeSilent: boolean;
}

export class Smi {
  readonly #clock: Clock;
  readonly #report: SmiReport;
  #child: LineChild | null = null;
  #arguments = '';
  #heardAtMs = 0;
  #startNotBeforeMs = Number.NEGATIVE_INFINITY;
  #backOffMs = 0;
  #problem: string | null = null;
  #lastNonsense: string | null = null;

  constructor(clock: Clock, report: SmiReport) {
    this.#clock = clock;
    this.#report = report;
  }

  get pid(): number | undefined {
    return this.#child?.isAlive === true ? this.#child.pid : undefined;
  }

  /** Null while lines come (or may still come) that make sense; else what is wrong. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Sees to it that the program runs with these arguments. */
  keep(command: string, args: readonly string[]): void {
    const wanted = [command, ...args].join('\n');
    if (wanted !== this.#arguments) void this.stop();
    this.#arguments = wanted;
    const nowMs = this.#clock.monotonicMs();
    if (this.#child === null) {
      if (nowMs >= this.#startNotBeforeMs) this.#start(command, args);
      return;
    }
    if (this.#report.mayBeSilent || nowMs - this.#heardAtMs < SILENCE_LIMIT_MS) return;
    this.#problem = this.#wordsForSilence();
    this.#child.kill();
  }

  /** Ends the program, and forgets what was wrong with it. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    this.#problem = null;
    this.#backOffMs = 0;
    this.#startNotBeforeMs = Number.NEGATIVE_INFINITY;
    if (child === null) return;
    await child.stop();
    this.#report.onChange();
  }

  #start(command: string, args: readonly string[]): void {
    this.#heardAtMs = this.#clock.monotonicMs();
    this.#lastNonsense = null;
    const child = new LineChild(command, args, {
      onLine: (line) => {
        if (this.#child !== child) return;
        if (this.#report.onLine(line)) {
          this.#heardAtMs = this.#clock.monotonicMs();
          this.#problem = null;
          this.#backOffMs = 0;
        } else {
          this.#lastNonsense = line;
        }
      },
      onEnd: (reason) => {
        if (this.#child !== child) return;
        this.#child = null;
        this.#backOffMs = Math.min(Math.max(FIRST_BACK_OFF_MS, this.#backOffMs * 2), MOST_BACK_OFF_MS);
        this.#startNotBeforeMs = this.#clock.monotonicMs() + this.#backOffMs;
        this.#problem ??=
          this.#lastNonsense === null
            ? `nvidia-smi ${reason}.`
            : `nvidia-smi ${reason}: ${printable(this.#lastNonsense)}`;
        this.#report.onChange();
      },
    });
    this.#child = child;
    this.#report.onChange();
  }

  #wordsForSilence(): string {
    const nonsense = this.#lastNonsense;
    return nonsense === null
      ? `nvidia-smi has not answered for ${SILENCE_LIMIT_MS / 1_000} s.`
      : `nvidia-smi answers what cannot be read: ${printable(nonsense)}`;
  }
}

/** Text from outside, made fit for one line. */
function printable(text: string): string {
  return [...text]
    .map((character) => (character < ' ' || character === '\x7f' ? '?' : character))
    .join('')
    .slice(0, 200);
}
