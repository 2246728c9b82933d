/**
 * The text of the systemd unit that keeps an agent running. Pure.
 *
 * Tasks outlive their agent, so what ends the agent ends nothing else (`KillMode`), and neither does a task that the
 * system runs out of memory for (`OOMPolicy`). Tasks inherit what is set here: so there is no `Nice`.
 */

export interface ServiceUnit {
  readonly scope: 'user' | 'system';
  /** Words of the command, not quoted. */
  readonly command: readonly string[];
  readonly home: string;
}

/** What an agent ends with when a person has to do something first: starting it again would change nothing. */
const FINAL_STATUSES = '1 2 3';

export function unitText({ scope, command, home }: ServiceUnit): string {
  return `# Written by \`join --install-service\`; \`leave\` removes it.
[Unit]
Description=Labwatch agent: lets a coordinator watch this machine
Documentation=man:systemd.service(5)
${scope === 'system' ? 'Wants=network-online.target\nAfter=network-online.target\n' : ''}StartLimitIntervalSec=0

[Service]
Type=simple
ExecStart=${startable(command).map(quoted).join(' ')}
WorkingDirectory=${escapedPath(home)}
Restart=always
RestartSec=2
RestartPreventExitStatus=${FINAL_STATUSES}
KillMode=process
OOMPolicy=continue
Delegate=yes
UMask=0077
OOMScoreAdjust=200

[Install]
WantedBy=${scope === 'system' ? 'multi-user.target' : 'default.target'}
`;
}

/** systemd takes no program with special characters in its path; `env` does. */
function startable(command: readonly string[]): readonly string[] {
  return /^[\w./+-]+$/.test(command[0] ?? '') ? command : ['/usr/bin/env', ...command];
}

/** One word of a command line (systemd.service(5), "Command lines"): specifiers and variables are left as they stand. */
function quoted(word: string): string {
  const escaped = word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$');
  return `"${escaped}"`;
}

function escapedPath(path: string): string {
  return path.replaceAll('%', '%%');
}
