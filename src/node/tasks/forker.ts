/** What starts supervisors on this machine: the nursery, or a shell where there is no Perl. */
import { userInfo } from 'node:os';
import { fail, type Result } from '../../core/result.ts';
import { type Nursery, type NurseryOptions, openNursery } from './nursery.ts';
import { openShellNursery } from './shell-nursery.ts';

/** Fails with what to install where neither works, and where another user was asked for without the right to. */
export async function openForker(options: NurseryOptions): Promise<Result<Nursery>> {
  if (process.platform === 'win32') {
    return fail('unavailable', 'Tasks do not run on Windows itself. Run the agent inside WSL, where they do.');
  }
  const { uid, username } = userInfo();
  const asUser = options.asUser === username ? null : options.asUser;
  if (asUser !== null && uid !== 0) {
    return fail('not-permitted', `Only an agent that runs as root can run tasks as ${asUser}. Start it as root.`);
  }
  const nursery = await openNursery({ ...options, asUser });
  if (nursery.ok || nursery.error.code !== 'unavailable') return nursery;
  const shell = asUser === null ? await openShellNursery(options) : nursery;
  if (shell.ok) return shell;
  return fail('unavailable', `${nursery.error.message} Install it to run tasks (Debian: perl-base, others: perl).`);
}
