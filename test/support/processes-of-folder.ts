/** Processes that a test started and that outlive who started them: agents, supervisors, commands. */
import { readdirSync, readFileSync } from 'node:fs';

/** Kills what was started with this folder in its command line or environment; answers how many there were. */
export function endProcessesOf(folder: string): number {
  const pids = readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid)
    .filter((pid) => read(`/proc/${pid}/cmdline`).includes(folder) || read(`/proc/${pid}/environ`).includes(folder));
  for (const pid of pids) kill(pid);
  return pids.length;
}

/** Empty where there is nothing to read: the process is gone, or another user's. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}
