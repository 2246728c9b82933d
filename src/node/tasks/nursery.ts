/**
 * The small process that forks a supervisor for each attempt: from here that would cost several times as much, and a
 * forked one outlives both. Where it dies, another is started; supervisors go on either way.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fail, ok, type Result } from '../../core/result.ts';
import type { AttemptId } from '../../core/tasks/task.ts';
import type { Disposable } from '../../core/time.ts';
import type { Log, Timers } from '../../engine/ports.ts';
import { baseEnvironment, type TaskUser } from './command-environment.ts';
import { type Launch, orderLine } from './order-line.ts';
import { NURSERY_TEXT } from './perl/nursery-text.ts';
import { type EndFacts, parseEnd, parseStart, type StartFacts } from './supervisor-facts.ts';

const RESTART_AFTER_MS = 200;
const READY_LIMIT_MS = 20_000;

export interface NurseryOptions {
  readonly asUser: string | null;
  readonly log: Log;
  readonly timers: Timers;
  readonly onStart: (attemptId: AttemptId, facts: StartFacts) => void;
  readonly onEnd: (attemptId: AttemptId, facts: EndFacts) => void;
  /** Orders given before that have not begun may be lost: give them again. Whichever comes second does nothing. */
  readonly onRestart: () => void;
}

export interface Nursery extends Disposable {
  /** Under whom commands run; null: the agent's own user. */
  readonly user: TaskUser | null;
  pid(): number | null;
  launch(launch: Launch): void;
  /** Keeps to the limit of an output where its supervisor does not. */
  trimOutput?(folder: string, limitBytes: number): Promise<void>;
  dispose(): Promise<void>;
}

/** Fails where Perl is missing or does not work (`unavailable`), and for a user that is not there (`invalid-argument`). */
export async function openNursery(options: NurseryOptions): Promise<Result<Nursery>> {
  const { asUser, log, timers } = options;
  let isDisposed = false;
  const first = startPerl(options);
  const greeting = await Promise.race([first.greeting, limited(timers)]);
  if (greeting === null) {
    first.child.kill('SIGKILL');
    return fail('unavailable', `Perl does not work here${first.words() === '' ? '' : ` (${first.words()})`}.`);
  }
  if (greeting === 'unknown-user') {
    return fail('invalid-argument', `There is no user ${asUser} on this machine. Name another one for tasks.`);
  }
  let current = first;
  watch(first);

  function watch(perl: Perl): void {
    perl.child.once('exit', (code, signal) => {
      if (isDisposed) return;
      log.warn('The process that starts tasks ended; another is started.', { code, signal, words: perl.words() });
      timers.after(RESTART_AFTER_MS, () => {
        if (isDisposed) return;
        current = startPerl(options);
        watch(current);
        options.onRestart();
      });
    });
  }

  return ok({
    user: asUser === null ? null : { name: asUser, ...(JSON.parse(greeting) as Omit<TaskUser, 'name'>) },
    pid: () => current.child.pid ?? null,
    launch: (launch) => void current.child.stdin?.write(orderLine(launch)),
    async dispose() {
      isDisposed = true;
      await current.end();
    },
  });
}

interface Perl {
  readonly child: ChildProcess;
  /** What it says once it takes orders; null where it ended before. */
  readonly greeting: Promise<string | null>;
  /** What it complained of last. */
  words(): string;
  end(): Promise<void>;
}

function startPerl({ asUser, onStart, onEnd }: NurseryOptions): Perl {
  // A session of its own: an interrupt at the terminal is not for it.
  const child = spawn('perl', ['-e', NURSERY_TEXT, '--', asUser ?? ''], {
    cwd: '/',
    env: baseEnvironment(null),
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  let [rest, words, isGone] = ['', '', false];
  let greet: (greeting: string | null) => void = () => {};
  const greeting = new Promise<string | null>((resolve) => {
    greet = resolve;
  });
  const gone = new Promise<void>((resolve) => {
    const end = (): void => {
      isGone = true;
      greet(null);
      resolve();
    };
    child.once('exit', end);
    child.once('error', (error) => {
      words = error.message;
      end();
    });
  });

  function take(line: string): void {
    const [kind, attemptId, text] = split(line);
    if (kind === 'ready') greet(line.slice('ready '.length));
    else if (kind === 'unknown-user') greet(kind);
    else if (kind === 'start') found(attemptId, parseStart(text), onStart);
    else if (kind === 'end') found(attemptId, parseEnd(text), onEnd);
  }

  child.stdin.on('error', () => {});
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = `${words}${text}`.slice(-500).trim();
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  });

  return {
    child,
    greeting,
    words: () => words,
    async end() {
      child.stdin.end();
      if (!isGone) await gone;
      // Supervisors hold the other ends for as long as they run.
      child.stdout.destroy();
      child.stderr.destroy();
    },
  };
}

function split(line: string): readonly [kind: string, attemptId: AttemptId, text: string] {
  const [kind = '', attemptId = ''] = line.split(' ', 2);
  return [kind, attemptId as AttemptId, line.slice(kind.length + attemptId.length + 2)];
}

function found<Facts>(attemptId: AttemptId, facts: Facts | null, tell: (id: AttemptId, facts: Facts) => void): void {
  if (facts !== null) tell(attemptId, facts);
}

function limited(timers: Timers): Promise<null> {
  return new Promise((resolve) => {
    timers.after(READY_LIMIT_MS, () => resolve(null));
  });
}
