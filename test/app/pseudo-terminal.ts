/**
 * A command on a real pseudo-terminal, by `script` of util-linux (Debian: bsdutils, always installed).
 *
 * The terminal's modes are noted before and after, so that a test can see whether they were given back.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Terminal {
  readonly child: ChildProcess;
  press(keys: string): void;
  /** Everything written to the terminal so far. */
  output(): string;
  /** Resolves once `pattern` was written; rejects when the command ends before. */
  saw(pattern: RegExp): Promise<void>;
  /** The shell's view when the command has ended. */
  readonly ended: Promise<{ readonly code: number; readonly modesBefore: string; readonly modesAfter: string }>;
}

export interface TerminalChoices {
  readonly columns: number;
  readonly rows: number;
  readonly env?: NodeJS.ProcessEnv;
}

export function onTerminal(command: readonly string[], { columns, rows, env }: TerminalChoices): Terminal {
  const notes = mkdtempSync(join(tmpdir(), 'labwatch-pty-'));
  const note = (name: string) => join(notes, name);
  const steps = [
    `stty cols ${columns} rows ${rows}`,
    `stty -g > ${note('before')}`,
    command.join(' '),
    `echo $? > ${note('code')}`,
    `stty -g > ${note('after')}`,
  ];
  const child = spawn('/usr/bin/script', ['-qec', steps.join('; '), '/dev/null'], {
    env: { ...process.env, LC_ALL: 'C.UTF-8', TERM: 'xterm-256color', NO_COLOR: '', SHELL: '/bin/bash', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let written = '';
  let look = () => undefined as undefined;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    written += text;
    look();
  });
  const closed = new Promise<void>((resolve) => child.on('close', () => resolve()));
  return {
    child,
    press: (keys) => child.stdin.write(keys),
    output: () => written,
    saw: (pattern) =>
      new Promise((resolve, reject) => {
        look = () => {
          if (pattern.test(written)) resolve();
        };
        look();
        void closed.then(() => reject(new Error(`Ended without ${pattern}: ${JSON.stringify(written)}`)));
      }),
    ended: closed.then(() => {
      const read = (name: string) => readFileSync(note(name), 'utf8').trim();
      const end = { code: Number(read('code')), modesBefore: read('before'), modesAfter: read('after') };
      rmSync(notes, { recursive: true });
      return end;
    }),
  };
}
