/** Texts about a process: its command line and the name of its owner. All of it is untrusted. */

/**
 * `/proc/PID/cmdline`: arguments, each ended by a NUL (proc_pid_cmdline(5)). A process may overwrite the text, then it
 * may hold anything; what is not UTF-8 becomes U+FFFD.
 */
export function parseCmdline(bytes: Buffer): string {
  return bytes.toString('utf8').replace(/\0+$/, '').replaceAll('\0', ' ');
}

/** `/etc/passwd`: user names by number (passwd(5)); malformed lines are left out, the first name of a number counts. */
export function parsePasswd(text: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const line of text.split('\n')) {
    const [name, , uid] = line.split(':');
    if (name === undefined || name === '' || uid === undefined || !/^\d+$/.test(uid)) continue;
    if (!names.has(Number(uid))) names.set(Number(uid), name);
  }
  return names;
}
