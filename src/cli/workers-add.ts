/**
 * `labwatch workers add`: gives out a code. On a terminal it waits until somebody has joined with it; elsewhere, and with
 * `--json`, it has said everything at once.
 */
import { isInForeground } from '../app/terminal-foreground.ts';
import { printable } from '../app/terminal-text.ts';
import type { InvitationView, ListenerView } from '../core/fleet/listener.ts';
import type { WorkerView } from '../core/fleet/worker.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { MINUTE_MS, SECOND_MS } from '../core/time.ts';
import type { ControlClient } from '../node/control-socket-client.ts';
import type { FleetEvent } from '../shared/control/contract.ts';
import { print, printJson } from './command.ts';

export async function inviteWorker(client: ControlClient, isJson: boolean): Promise<Result<unknown>> {
  // Asked before the code exists, so that whoever is not in it came by the code.
  const before = await client.call('status', {});
  if (!before.ok) return before;
  const invited = await client.call('workers.invite', {});
  if (!invited.ok) return invited;
  if (isJson) {
    printJson(invited.value);
    return ok(null);
  }
  for (const line of invitationLines(invited.value)) print(line);
  if (!process.stdout.isTTY || !isInForeground()) return ok(null);
  return waitForWorker(client, new Set(before.value.workers.map(pairingOf)), invited.value.expiresAtMs);
}

/** Ends when somebody has joined, when the code has expired, or with Ctrl+C. */
async function waitForWorker(
  client: ControlClient,
  known: ReadonlySet<string>,
  expiresAtMs: number,
): Promise<Result<null>> {
  const left = new Promise<Result<null>>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve(ok(null)));
  });
  const expired = new Promise<Result<null>>((resolve) => {
    const expire = () => resolve(fail('not-permitted', 'The code has expired. Run `labwatch workers add` again.'));
    setTimeout(expire, Math.max(0, expiresAtMs - Date.now())).unref();
  });
  let joined: (worker: WorkerView) => void = () => undefined;
  const arrival = new Promise<WorkerView>((resolve) => {
    joined = resolve;
  });
  const follow = client.stream('watch', {}, (event) => {
    const comer = workersIn(event).find((worker) => worker.remote !== null && !known.has(pairingOf(worker)));
    if (comer !== undefined) joined(comer);
  });
  const line = countdownLine(expiresAtMs);
  const ended = await Promise.race([left, expired, follow, arrival]);
  line.dispose();
  if ('ok' in ended) return ended;
  print(printable(`${ended.name} joined from ${ended.remote?.address ?? 'an unknown address'}.`));
  return ok(null);
}

/** A machine that pairs once more is another pairing of the same worker. */
function pairingOf({ workerId, remote }: WorkerView): string {
  return `${workerId} ${remote?.pairedAtMs}`;
}

function workersIn(event: FleetEvent): readonly WorkerView[] {
  return event.kind === 'snapshot' ? event.snapshot.workers : event.patch.changed;
}

function countdownLine(expiresAtMs: number): { dispose(): void } {
  const draw = () => {
    const leftMs = Math.max(0, expiresAtMs - Date.now());
    const seconds = String(Math.floor((leftMs % MINUTE_MS) / SECOND_MS)).padStart(2, '0');
    const time = `${Math.floor(leftMs / MINUTE_MS)}:${seconds}`;
    process.stdout.write(`\r\u001b[KWaiting for it, ${time} left. Ctrl+C leaves; the code stays good.`);
  };
  draw();
  const timer = setInterval(draw, SECOND_MS);
  return {
    dispose() {
      clearInterval(timer);
      process.stdout.write('\r\u001b[K');
    },
  };
}

function invitationLines({ command, shortCommand, expiresAtMs, listener }: InvitationView): readonly string[] {
  const until = new Date(expiresAtMs).toLocaleTimeString('sv-SE');
  return [
    'Paste this on the new machine, which needs Node 20 or later and curl:',
    '',
    `  ${command}`,
    '',
    'Where labwatch is installed, this does the same:',
    '',
    `  ${shortCommand}`,
    '',
    `The code is good for one machine, until ${until}.`,
    ...reachLines(listener),
  ];
}

/** What may keep the other machine from reaching this one, and the command that changes it. */
function reachLines({ isLoopbackOnly, interfaces, firewallHint }: ListenerView): readonly string[] {
  const firewall =
    firewallHint === null ? '' : ` This machine’s firewall is on; this opens the port: \`${firewallHint}\`.`;
  if (!isLoopbackOnly) return firewall === '' ? [] : [`▲${firewall}`];
  const [first] = interfaces;
  const open =
    first === undefined
      ? 'It has no other address now.'
      : `Open it first: \`labwatch settings set listener.address ${first.address}\`, then add again.`;
  return [`▲ Only this machine itself can use this code. ${open}${firewall}`];
}
