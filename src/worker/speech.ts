/** What the agent says to whoever started it: few lines, each with its time once it runs. */
import { failureLine } from '../core/failure-words.ts';
import type { Failure } from '../core/result.ts';

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

export function sayTimed(line: string): void {
  say(`${new Date().toTimeString().slice(0, 8)}  ${line}`);
}

export function complain(failure: Failure): void {
  process.stderr.write(`labwatch: ${failureLine(failure)}\n`);
}

/** `3 s`, `12 min`, `5 h`, `2 days`. */
export function lengthOf(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 2 * 3_600) return `${Math.round(seconds / 60)} min`;
  return seconds < 2 * 86_400 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`;
}

/** `0 kB`, `120 kB`, `3.4 MB`. */
export function sizeOf(bytes: number): string {
  return bytes < 999_500 ? `${Math.round(bytes / 1_000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
