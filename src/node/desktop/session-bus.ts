/** Asks the D-Bus session bus who is there, through `dbus-send`, which every desktop with a session bus carries. */
import { execFile } from 'node:child_process';

const LIMIT_MS = 1_500;

/** True when some program owns `name` now; false also where there is no session bus to ask. */
export function hasSessionBusName(name: string): Promise<boolean> {
  const destination = ['--session', '--dest=org.freedesktop.DBus', '--print-reply=literal', '/org/freedesktop/DBus'];
  const call = [...destination, 'org.freedesktop.DBus.NameHasOwner', `string:${name}`];
  return new Promise((resolve) => {
    execFile('dbus-send', call, { timeout: LIMIT_MS }, (error, output) => {
      resolve(error === null && output.includes('boolean true'));
    });
  });
}
