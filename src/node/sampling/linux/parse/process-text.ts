/** Texts about a process: its command line and the name of its owner. All of it is untrusted. */

/**
 * `/proc/PID/cmdline`: arguments, each ended by a NUL (proc_pid_cmdline(5)); empty for kernel threads and the dead. A
 * process may overwrite the text, then it may hold anything; what is not UTF-8 becomes U+FFFD.
 */
export function parseCmdline(bytes: Buffer): readonly string[] {
  const text = bytes.toString('utf8').replace(/\0+$/, '');
  return text === '' ? [] : text.split('\0');
}

/** The kernel keeps 15 bytes of a name (TASK_COMM_LEN of include/linux/sched.h, less the NUL). */
const MOST_NAME_BYTES = 15;

/**
 * The name to show: the kernel's, made whole from the program's path where it was cut off, and the program's own where
 * the kernel holds but the name that Node gives its first thread.
 */
export function processName(kernelName: string, program: string): string {
  const programName = program.slice(program.lastIndexOf('/') + 1);
  const isCut = Buffer.byteLength(kernelName) === MOST_NAME_BYTES && programName.startsWith(kernelName);
  return programName !== '' && (isCut || kernelName === 'MainThread') ? programName : kernelName;
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
