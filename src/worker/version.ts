/** The agent's version: written in by the build, because the single file has no package.json beside it. */
import { packageVersion } from '../node/package-version.ts';

declare const LABWATCH_AGENT_VERSION: string | undefined;

export function agentVersion(): string {
  return typeof LABWATCH_AGENT_VERSION === 'string' ? LABWATCH_AGENT_VERSION : packageVersion();
}
