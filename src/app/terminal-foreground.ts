/**
 * Whether this process may use its terminal: a job in the background that changes terminal modes is stopped by the
 * kernel (SIGTTOU). Reads process group and terminal's foreground group from /proc/self/stat, fields 5 and 8
 * (proc_pid_stat(5)); true where there is no /proc.
 */
import { readFileSync } from 'node:fs';

export function isInForeground(): boolean {
  let stat: string;
  try {
    stat = readFileSync('/proc/self/stat', 'utf8');
  } catch {
    return true;
  }
  const [, , processGroup, , , foregroundGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return processGroup === foregroundGroup;
}
