/** An order as the nursery reads it: one line, `key=value` by tabs, every other byte than the plain ones as `%xx`. */
import type { AttemptId } from '../../core/tasks/task.ts';

/** All that a supervisor needs to know. */
export interface Launch {
  readonly attemptId: AttemptId;
  /** Where it writes its files. */
  readonly folder: string;
  readonly cwd: string;
  /** The path of what is executed; a name where PATH leads to none. */
  readonly program: string;
  /** argv, the program's own name first. */
  readonly command: readonly string[];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** A file; null: nothing to read. */
  readonly stdinFile: string | null;
  readonly timeoutMs: number | null;
  readonly graceMs: number;
  readonly outputLimitBytes: number;
  /** A control group to make for it; null: none. */
  readonly group: string | null;
}

export function orderLine(launch: Launch): string {
  const words = [
    ['id', launch.attemptId],
    ['folder', launch.folder],
    ['cwd', launch.cwd],
    ['program', launch.program],
    ...launch.command.map((argument) => ['arg', argument]),
    ...Object.entries(launch.env).map(([name, value]) => ['env', `${name}=${value}`]),
    ['stdin', launch.stdinFile ?? ''],
    ['timeoutMs', launch.timeoutMs === null ? '' : String(launch.timeoutMs)],
    ['graceMs', String(launch.graceMs)],
    ['outputLimitBytes', String(launch.outputLimitBytes)],
    ['group', launch.group ?? ''],
  ];
  return `${words.map(([key, value = '']) => `${key}=${escaped(value)}`).join('\t')}\n`;
}

function escaped(text: string): string {
  if (/^[\w./:,@+-]*$/.test(text)) return text;
  return Buffer.from(text)
    .toString('latin1')
    .replace(/[^\w./:,@+-]/g, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
