/** What this agent says of itself when it meets a coordinator. */
import { arch, hostname, platform } from 'node:os';
import type { TaskTerms } from '../core/tasks/terms.ts';
import type { AgentMeetingOptions } from '../engine/agent-handshake.ts';
import { agentVersion } from './version.ts';

export type Introduction = Pick<AgentMeetingOptions, 'agentVersion' | 'hostName' | 'platform' | 'taskTerms'>;

/** `name`: what the worker is to be called, instead of the machine's own name. Without terms it is only watched. */
export function introduction(name: string | null, taskTerms: TaskTerms | null): Introduction {
  return {
    agentVersion: agentVersion(),
    hostName: name ?? hostname().split('.')[0] ?? hostname(),
    platform: `${platform()}-${arch()}`,
    taskTerms,
  };
}
