/**
 * Many workers in one process, for a bench: real keys, links and messages, with made-up readings.
 *
 * `node lab-of-agents.ts CODES.json`: joins with each code of the file, says `ready` on stdout, then sends a tick of each
 * worker once a second, spread over the second, until it is ended.
 */
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SeriesKey, seriesKey } from '../../../src/core/metrics/series.ts';
import { type CoordinatorMeeting, meetCoordinator } from '../../../src/engine/agent-handshake.ts';
import type { Link } from '../../../src/engine/ports.ts';
import { systemTimers } from '../../../src/node/system-timers.ts';
import { openAgentKey } from '../../../src/node/transport/agent-key.ts';
import { connectLink } from '../../../src/node/transport/client.ts';
import { nodeCryptography } from '../../../src/node/transport/cryptography.ts';
import { parsePairingCode } from '../../../src/node/transport/pairing-code.ts';
import { BatchEncoder } from '../../../src/shared/protocol/codec.ts';
import type { FromAgent, FromCoordinator } from '../../../src/shared/protocol/contract.ts';

/** What a machine with eight cores, two disks, two cards and two filesystems reports at standard level, about. */
const SERIES: readonly SeriesKey[] = [
  seriesKey('system.cpu.utilization'),
  ...numbered(8, (core) => seriesKey('system.cpu.utilization', { 'cpu.logical_number': core })),
  ...numbered(8, (core) => seriesKey('system.cpu.frequency', { 'cpu.logical_number': core })),
  seriesKey('labwatch.load1'),
  seriesKey('system.uptime'),
  seriesKey('system.memory.utilization'),
  seriesKey('system.memory.limit'),
  ...numbered(4, (state) => seriesKey('system.memory.usage', { 'system.memory.state': state })),
  ...numbered(6, (kind) => seriesKey('labwatch.pressure', { kind })),
  ...numbered(2, (disk) => seriesKey('system.disk.io', { 'system.device': disk, 'disk.io.direction': 'read' })),
  ...numbered(2, (disk) => seriesKey('system.disk.io', { 'system.device': disk, 'disk.io.direction': 'write' })),
  ...numbered(2, (disk) => seriesKey('system.disk.io_time', { 'system.device': disk })),
  ...numbered(2, (card) => seriesKey('system.network.io', { 'network.interface.name': card })),
  ...numbered(2, (mount) => seriesKey('system.filesystem.utilization', { 'system.filesystem.mountpoint': mount })),
  ...numbered(6, (sensor) => seriesKey('hw.temperature', { 'hw.id': sensor })),
  seriesKey('hw.host.power'),
];

function numbered(count: number, keyOf: (name: string) => SeriesKey): readonly SeriesKey[] {
  return Array.from({ length: count }, (_, index) => keyOf(String(index)));
}

const codes = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as readonly string[];
const home = mkdtempSync(join(tmpdir(), 'labwatch-bench-agents-'));
for (const [index, code] of codes.entries()) await joinAs(index, code);
process.stdout.write('ready\n');

async function joinAs(index: number, codeText: string): Promise<void> {
  const code = parsePairingCode(codeText);
  if (!code.ok) throw new Error(code.error.message);
  const ownHome = join(home, String(index));
  mkdirSync(ownHome);
  const key = openAgentKey(ownHome);
  if (!key.ok) throw new Error(key.error.message);
  const { addresses, port, fingerprint, secret } = code.value;
  const link = await connectLink({ addresses, port, fingerprint, timeoutMs: 10_000 });
  if (!link.ok) throw new Error(link.error.message);
  const meeting = await meetCoordinator({
    link: link.value,
    key: key.value,
    cryptography: nodeCryptography,
    timers: systemTimers,
    fingerprint,
    as: { kind: 'invited', secret },
    agentVersion: '0.1.0',
    hostName: `rig-${String(index + 1).padStart(3, '0')}`,
    platform: 'linux x64',
    taskTerms: null,
  });
  if (meeting.kind !== 'welcome') throw new Error(JSON.stringify(meeting));
  report(link.value, meeting);
}

function report(link: Link, { handOver }: Extract<CoordinatorMeeting, { readonly kind: 'welcome' }>): void {
  const send = (message: FromAgent) => link.send(JSON.stringify(message));
  const encoder = new BatchEncoder();
  let sequence = 0;
  handOver({
    onMessage(text) {
      const message = JSON.parse(text) as FromCoordinator;
      if (message.kind === 'ping') send({ kind: 'pong', id: message.id, atMs: Date.now() });
      if (message.kind === 'request') send({ kind: 'answer', id: message.id, ok: true, value: null });
    },
    onEnd(end) {
      process.stderr.write(`${JSON.stringify(end)}\n`);
      process.exit(1);
    },
  });
  const tick = () => {
    sequence += 1;
    const values = Float64Array.from(SERIES, () => Math.random());
    const batch = encoder.encode({ ticks: [{ atMs: Date.now(), seriesKeys: SERIES, values }] });
    send({ kind: 'delivery', sequence, isLate: false, batch });
  };
  setTimeout(() => setInterval(tick, 1_000), Math.random() * 1_000);
}
