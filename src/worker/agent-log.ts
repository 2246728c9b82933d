/** The agent's log: `agent.log` in its home, five files of 1 MB at most. */
import type { Disposable } from '../core/time.ts';
import type { Log } from '../engine/ports.ts';
import type { Home } from '../node/agent-home/home.ts';
import { openLog } from '../node/log.ts';
import { systemClock } from '../node/system-clock.ts';

const LARGEST_FILE_BYTES = 1024 * 1024;

export function openAgentLog({ folder }: Home): Log & Disposable {
  return openLog({ logsDir: folder, clock: systemClock, name: 'agent', largestFileBytes: LARGEST_FILE_BYTES });
}
