/** A machine that joins, as far as a coordinator can tell: real keys over a real link, and nothing behind it. */
import { type CoordinatorMeeting, meetCoordinator } from '../../src/engine/agent-handshake.ts';
import type { Link } from '../../src/engine/ports.ts';
import { systemTimers } from '../../src/node/system-timers.ts';
import { openAgentKey } from '../../src/node/transport/agent-key.ts';
import { connectLink } from '../../src/node/transport/client.ts';
import { nodeCryptography } from '../../src/node/transport/cryptography.ts';
import { type PairingCode, parsePairingCode } from '../../src/node/transport/pairing-code.ts';
import type { FromCoordinator, Refusal, Request, Welcome } from '../../src/shared/protocol/contract.ts';

export interface TestAgent {
  readonly welcome: Welcome;
  readonly code: PairingCode;
  /** What it was asked so far. */
  readonly requests: readonly Pick<Request, 'method' | 'params'>[];
  /** Resolves when the link has ended, with the coordinator's last word if it had one. */
  readonly ended: Promise<Refusal | null>;
  dispose(): void;
}

export interface AgentChoices {
  /** The agent's home: its key lies here. */
  readonly home: string;
  readonly name?: string;
  /** Where to go instead of where the code says. */
  readonly port?: number;
}

/** Joins with a code; throws the coordinator's refusal where it says no. */
export async function joinWith(codeText: string, choices: AgentChoices): Promise<TestAgent> {
  const parsed = parsePairingCode(codeText);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return meet(parsed.value, { kind: 'invited', secret: parsed.value.secret }, choices);
}

/** Comes back as a worker that was welcomed before. */
export function comeBack({ welcome, code }: TestAgent, choices: AgentChoices): Promise<TestAgent> {
  return meet(code, { kind: 'enrolled', workerId: welcome.workerId }, choices);
}

async function meet(
  code: PairingCode,
  as: Parameters<typeof meetCoordinator>[0]['as'],
  { home, name = 'rig-03', port = code.port }: AgentChoices,
): Promise<TestAgent> {
  const key = openAgentKey(home);
  if (!key.ok) throw new Error(key.error.message);
  const { addresses, fingerprint } = code;
  const link = await connectLink({ addresses, port, fingerprint, timeoutMs: 10_000 });
  if (!link.ok) throw new Error(link.error.message);
  const meeting = await meetCoordinator({
    ...{ link: link.value, key: key.value, cryptography: nodeCryptography, timers: systemTimers, fingerprint, as },
    ...{ agentVersion: '9.9.9', hostName: name, platform: 'test x64', taskTerms: null },
  });
  if (meeting.kind === 'refused') throw new Error(`${meeting.refusal.code}: ${meeting.refusal.message}`);
  if (meeting.kind === 'failed') throw new Error(meeting.failure.message);
  const requests: Request[] = [];
  return {
    welcome: meeting.welcome,
    code,
    requests,
    ended: attend(link.value, meeting, requests),
    dispose: () => link.value.dispose(),
  };
}

/** Answers pings and requests until the link ends. */
function attend(
  link: Link,
  { handOver }: Extract<CoordinatorMeeting, { readonly kind: 'welcome' }>,
  requests: Request[],
): Promise<Refusal | null> {
  let lastWord: Refusal | null = null;
  return new Promise((resolve) => {
    handOver({
      onMessage(text) {
        const message = JSON.parse(text) as FromCoordinator;
        const { kind } = message;
        if (kind === 'ping') link.send(JSON.stringify({ kind: 'pong', id: message.id, atMs: Date.now() }));
        if (kind === 'request') {
          requests.push(message);
          link.send(JSON.stringify({ kind: 'answer', id: message.id, ok: true, value: null }));
        }
        if (kind === 'refusal') lastWord = message;
      },
      onEnd: () => resolve(lastWord),
    });
  });
}
