/** The systemd service of an agent: of its user, or of the system where root installs it. Outlives reboots. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fail, ok, type Result } from '../core/result.ts';
import { type Home, homeAt } from '../node/agent-home/home.ts';
import { writeWhole } from '../node/agent-home/whole-file.ts';
import { unitText } from './service-unit.ts';
import { say } from './speech.ts';
import { readStatus } from './status-file.ts';
import { commandLine, type Surroundings } from './surroundings.ts';

const COMMAND_LIMIT_MS = 20_000;
/** A service that was started is online by then, or `status` says why not. */
const ONLINE_LIMIT_MS = 15_000;
const LOOK_AGAIN_MS = 100;

interface Service {
  readonly scope: 'user' | 'system';
  readonly unit: string;
  readonly unitFile: string;
}

/** Fails with what to do instead where no service can be installed. */
export async function checkService(home: Home): Promise<Result<null>> {
  const { scope } = serviceOf(home);
  const state = await run('systemctl', [...(scope === 'user' ? ['--user'] : []), 'is-system-running']);
  // It ends with a failure in states in which it still starts services: degraded, starting.
  const words = state.ok ? state.value : state.error.message;
  if (/running|degraded|starting|initializing/.test(words)) return ok(null);
  return fail(
    'unavailable',
    scope === 'user'
      ? 'No systemd answers for this user. Join without --install-service, and start the agent by other means, or join as root.'
      : 'This machine is not run by systemd. Join without --install-service, and start the agent by its own means.',
  );
}

export function hasService(home: Home): boolean {
  return existsSync(serviceOf(home).unitFile);
}

/** Writes the unit for a home that has joined (`word` is how it goes on), starts it, and waits until the agent is online. */
export async function installService(around: Surroundings, word: 'join' | 'listen'): Promise<Result<null>> {
  const { home } = around;
  const service = serviceOf(home);
  const written = writeUnit(around, service, word);
  if (!written.ok) return written;
  const before = readStatus(home)?.pid;
  for (const words of [['daemon-reload'], ['enable', service.unit], ['restart', service.unit]]) {
    const done = await systemctl(service, words);
    if (!done.ok) return done;
  }
  say(`Installed the ${service.scope} service ${service.unit}: it starts with the machine.`);
  const lingering = service.scope === 'user' ? await linger() : null;
  if (lingering !== null) say(lingering);
  const status = await statusAfter(home, before);
  if (status?.state === 'online') say(`It is online as ${status.name}.`);
  else say(`It is not online yet. \`${commandLine(around, 'status')}\` says how it is.`);
  return ok(null);
}

/** Its tasks go on. */
export function stopService(home: Home): Promise<Result<null>> {
  const service = serviceOf(home);
  return systemctl(service, ['stop', service.unit]);
}

/** Stops and removes the unit; false where there was none. */
export async function removeService(home: Home): Promise<Result<boolean>> {
  if (!hasService(home)) return ok(false);
  const service = serviceOf(home);
  const disabled = await systemctl(service, ['disable', '--now', service.unit]);
  try {
    rmSync(service.unitFile, { force: true });
  } catch (error) {
    return fail('not-permitted', `${service.unitFile} cannot be removed: ${(error as Error).message}.`);
  }
  await systemctl(service, ['daemon-reload']);
  return disabled.ok ? ok(true) : disabled;
}

/** Agents in other homes than the usual one have units of their own. */
export function serviceOf(home: Home): Service {
  const isUsual = home.folder === homeAt(undefined, {}).folder;
  const suffix = isUsual ? '' : `-${createHash('sha256').update(home.folder).digest('hex').slice(0, 8)}`;
  const unit = `labwatch-agent${suffix}.service`;
  const isRoot = process.getuid?.() === 0;
  const folder = isRoot ? '/etc/systemd/system' : join(configFolder(), 'systemd', 'user');
  return { scope: isRoot ? 'system' : 'user', unit, unitFile: join(folder, unit) };
}

function configFolder(): string {
  return process.env.XDG_CONFIG_HOME || join(homedir(), '.config');
}

function writeUnit(
  { home, agentFile }: Surroundings,
  { scope, unitFile }: Service,
  word: 'join' | 'listen',
): Result<null> {
  try {
    if (!existsSync(home.agentFile) || realpathSync(home.agentFile) !== realpathSync(agentFile)) {
      const draft = `${home.agentFile}.draft-${process.pid}`;
      copyFileSync(agentFile, draft);
      renameSync(draft, home.agentFile);
    }
    mkdirSync(dirname(unitFile), { recursive: true });
    const command = [process.execPath, home.agentFile, word, '--home', home.folder];
    writeWhole(unitFile, unitText({ scope, command, home: home.folder }), true);
    return ok(null);
  } catch (error) {
    return fail('storage', `The service cannot be written: ${(error as Error).message}.`);
  }
}

/** A sentence where something about staying after logout has to be said. */
async function linger(): Promise<string | null> {
  const user = userInfo().username;
  const shown = await run('loginctl', ['show-user', user, '--property=Linger']);
  if (shown.ok && shown.value.includes('Linger=yes')) return null;
  const enabled = await run('loginctl', ['--no-ask-password', 'enable-linger', user]);
  return enabled.ok
    ? 'Lingering is on for you now, so that it also runs while you are not logged in.'
    : `It runs only while you are logged in. To have it always: sudo loginctl enable-linger ${user}`;
}

async function statusAfter(home: Home, pidBefore: number | undefined) {
  const giveUpAtMs = performance.now() + ONLINE_LIMIT_MS;
  for (;;) {
    const status = readStatus(home);
    const isNew = status !== null && status.pid !== pidBefore && status.state !== 'stopped';
    if ((isNew && status.state === 'online') || performance.now() > giveUpAtMs) return isNew ? status : null;
    await pause(LOOK_AGAIN_MS);
  }
}

async function systemctl({ scope }: Service, words: readonly string[]): Promise<Result<null>> {
  const done = await run('systemctl', [...(scope === 'user' ? ['--user'] : []), ...words]);
  return done.ok ? ok(null) : fail('internal', `\`systemctl ${words.join(' ')}\` failed: ${done.error.message}`);
}

function run(program: string, words: readonly string[]): Promise<Result<string>> {
  const runtimeFolder = `/run/user/${process.getuid?.()}`;
  // Missing after `su` and in some remote shells; without it the user's systemd is not found.
  const env = { XDG_RUNTIME_DIR: runtimeFolder, ...process.env };
  return new Promise((resolve) => {
    execFile(program, [...words], { env, timeout: COMMAND_LIMIT_MS }, (error, stdout, stderr) => {
      const reason = stderr.trim().split('\n').at(-1) || stdout.trim() || error?.message || 'no answer';
      resolve(error === null ? ok(stdout) : fail('internal', reason.replace(/([^.])$/, '$1.')));
    });
  });
}
