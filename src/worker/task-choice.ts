/** What the owner of a machine says about tasks when it joins: nothing, that it runs none, or on what terms. */
import { spawnSync } from 'node:child_process';
import { fail, ok, type Result } from '../core/result.ts';
import type { TaskTerms } from '../core/tasks/terms.ts';
import { LONGEST_PATH, MOST_PROGRAMS } from '../shared/protocol/task-checks.ts';

/** As typed: options of `join`. */
export interface TaskFlags {
  readonly runTasks?: boolean | undefined;
  readonly maxParallel?: string | undefined;
  readonly asUser?: string | undefined;
  readonly allow?: readonly string[] | undefined;
}

export type TaskChoice =
  /** As it was before. */
  { readonly kind: 'keep' } | { readonly kind: 'set'; readonly terms: TaskTerms | null };

/** What has to be known of this machine to say that a choice is a good one. */
export interface Users {
  isRoot(): boolean;
  exists(name: string): boolean;
}

/** Of all programs together: they have to fit into the agent's proof. */
const PROGRAMS_LENGTH = 8 * 1024;

/** `invalid-argument` where it is mistyped, `not-permitted` where this user may not choose it. */
export function taskChoice(flags: TaskFlags, users: Users = ownUsers): Result<TaskChoice> {
  const { runTasks, maxParallel, asUser, allow = [] } = flags;
  const detail = maxParallel !== undefined ? 'max-parallel' : asUser !== undefined ? 'as-user' : 'allow';
  const hasDetail = maxParallel !== undefined || asUser !== undefined || allow.length > 0;
  if (hasDetail && runTasks !== true)
    return fail('invalid-argument', `--${detail} says how tasks are run: give --run-tasks as well.`);
  if (runTasks === undefined) return ok({ kind: 'keep' });
  if (!runTasks) return ok({ kind: 'set', terms: null });
  const objection = objectionTo({ ...flags, allow }, users);
  if (objection !== null) return objection;
  const terms: TaskTerms = {
    maxParallel: maxParallel === undefined ? null : Number(maxParallel),
    programs: allow.length === 0 ? null : [...new Set(allow)],
    asUser: asUser ?? null,
  };
  return ok({ kind: 'set', terms });
}

function objectionTo({ maxParallel, asUser, allow = [] }: TaskFlags, users: Users) {
  if (maxParallel !== undefined && !/^[1-9]\d{0,5}$/.test(maxParallel))
    return fail(
      'invalid-argument',
      `--max-parallel takes a whole number from 1 on, not ${JSON.stringify(maxParallel)}.`,
    );
  const wrong = allow.find((program) => !isProgram(program));
  if (wrong !== undefined)
    return fail(
      'invalid-argument',
      `--allow takes the name of a program (python3) or its whole path (/usr/bin/python3), not ${JSON.stringify(wrong)}.`,
    );
  if (allow.length > MOST_PROGRAMS || allow.join('').length > PROGRAMS_LENGTH)
    return fail('invalid-argument', `--allow may name ${MOST_PROGRAMS} programs, and all together 8,000 characters.`);
  if (asUser === undefined) return null;
  if (!users.isRoot())
    return fail('not-permitted', 'Only root can run tasks as another user. Join with sudo, or without --as-user.');
  if (!isUserName(asUser) || !users.exists(asUser))
    return fail(
      'invalid-argument',
      `There is no user ${JSON.stringify(asUser)} on this machine. Make one (\`useradd --create-home NAME\`), or name another with --as-user.`,
    );
  return null;
}

function isProgram(text: string): boolean {
  if (text === '' || text.length > LONGEST_PATH || /[\0\n]/.test(text)) return false;
  return text.startsWith('/') || !text.includes('/');
}

/** Also what `id` must not take for an option. */
function isUserName(text: string): boolean {
  return /^[^-\0\n/:][^\0\n/:]{0,63}$/.test(text);
}

const ownUsers: Users = {
  isRoot: () => process.getuid?.() === 0,
  // Asks the system, for not all users stand in /etc/passwd.
  exists: (name) => spawnSync('id', ['-u', name], { stdio: 'ignore' }).status === 0,
};
