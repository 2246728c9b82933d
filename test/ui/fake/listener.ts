/** The fake lab's door for other machines: rests until somebody is expected, follows the settings, gives out codes. */
import { type InvitationView, isLoopback, type ListenerView } from '../../../src/core/fleet/listener.ts';
import { fail, ok, type Result } from '../../../src/core/result.ts';
import type { Settings } from '../../../src/core/settings/settings.ts';
import { MINUTE_MS } from '../../../src/core/time.ts';
import type { Scenario } from './scenario.ts';

const CODE_LASTS_MS = 10 * MINUTE_MS;
const INTERFACES = [
  { name: 'eno1', address: '192.168.1.20' },
  { name: 'wlp3s0', address: '10.0.4.17' },
];
/** As long as a real one for two addresses. */
const CODE =
  'LW1-q0mXn2R8sYJd1cVbT5eK7uWgPzH4aLfSxQ9iNvEoCtDrBkMyAjUhZwGlFp63OqIB8YSXdKcTgHwqAEVHUsCoAAERCgAEEQdsYWItZGVza';

interface Making {
  readonly scenario: Scenario;
  readonly now: () => number;
  readonly settings: () => Settings;
  readonly onChange: (view: ListenerView) => void;
}

export interface FakeListener {
  view(): ListenerView;
  invite(): Result<InvitationView>;
  /** The settings changed. */
  follow(): void;
  say(part: Partial<ListenerView>): void;
}

export function createFakeListener({ scenario, now, settings, onChange }: Making): FakeListener {
  let isExpected = scenario.workerCount > 1;
  let said = scenario.listener;
  let count = 0;
  const view = (): ListenerView => {
    const address = settings()['listener.address'];
    const isLoopbackOnly = isLoopback(address);
    return {
      state: isExpected ? 'listening' : 'resting',
      address,
      port: settings()['listener.port'],
      reason: null,
      isLoopbackOnly,
      interfaces: INTERFACES,
      firewallHint: null,
      ...said,
    };
  };
  return {
    view,
    invite() {
      isExpected = true;
      const listener = view();
      onChange(listener);
      if (listener.state === 'failed') return fail('unavailable', listener.reason ?? '');
      count += 1;
      const code = `${CODE}${count}`;
      const url = `https://${listener.address}:${listener.port}/agent.mjs`;
      return ok({
        invitationId: `invitation-${count}`,
        code,
        command:
          'mkdir -p -m 700 ~/.labwatch-agent && ' +
          `curl -fsSk --pinnedpubkey 'sha256//nF7YpGq0oW2hK1v6mXzR8sJd4cVbT5eKuWgPzHaLfS0=' ${url} ` +
          `-o ~/.labwatch-agent/agent.mjs && node ~/.labwatch-agent/agent.mjs join ${code}`,
        shortCommand: `labwatch worker join ${code}`,
        expiresAtMs: now() + CODE_LASTS_MS,
        listener,
      });
    },
    follow: () => onChange(view()),
    say(part) {
      said = part;
      onChange(view());
    },
  };
}
