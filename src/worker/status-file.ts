/** `status.json`: how the running agent is, for `labwatch worker status` and for whoever looks. */
import type { Level } from '../core/metrics/level.ts';
import type { Home } from '../node/agent-home/home.ts';
import { readJson, writeWhole } from '../node/agent-home/whole-file.ts';

export interface AgentStatus {
  readonly pid: number;
  readonly agentVersion: string;
  readonly state: 'online' | 'connecting' | 'stopped';
  /** Wall time since when it is in this state. */
  readonly sinceMs: number;
  /** Why there is no link, in one sentence; null while there is one. */
  readonly reason: string | null;
  /** Of the coordinator: `192.168.1.20:7461`. */
  readonly address: string | null;
  readonly name: string;
  readonly level: Level;
  /** This machine's clock minus the coordinator's; null before it was measured. */
  readonly clockDifferenceMs: number | null;
  /** What waits to be delivered. */
  readonly spooledBytes: number;
  /** Ticks given up since this agent started. */
  readonly lostTicks: number;
  /** What is wrong with the disk; null when nothing is. */
  readonly diskProblem: string | null;
  /** Why tasks cannot be run although the owner allows them; null where nothing is wrong. */
  readonly tasksProblem: string | null;
}

/** False where the disk refuses. */
export function writeStatus(home: Home, status: AgentStatus): boolean {
  try {
    writeWhole(home.statusFile, `${JSON.stringify(status, null, 2)}\n`, false);
    return true;
  } catch {
    return false;
  }
}

/** Null where there is none. */
export function readStatus(home: Home): AgentStatus | null {
  try {
    const found = readJson(home.statusFile) as AgentStatus | null;
    return typeof found?.state === 'string' && typeof found.pid === 'number' ? found : null;
  } catch {
    return null;
  }
}
