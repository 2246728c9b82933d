/** `status`: whether an agent runs here, for whom, and how it fares. */
import type { ExitCode } from '../core/failure-words.ts';
import { fingerprintText } from '../core/fleet/fingerprint.ts';
import { fail } from '../core/result.ts';
import { coordinatorText, listeningText, readTrust, type Trust } from '../node/agent-home/trust.ts';
import { systemClock } from '../node/system-clock.ts';
import { openAgentKey } from '../node/transport/agent-key.ts';
import { nodeCryptography } from '../node/transport/cryptography.ts';
import { presentHolder } from './home-lock.ts';
import { complain, lengthOf, say, sizeOf } from './speech.ts';
import { type AgentStatus, readStatus } from './status-file.ts';
import { commandLine, type Surroundings } from './surroundings.ts';
import { taskWords } from './task-words.ts';

/** 0: an agent runs here; 1: this machine has not joined; 3: it has, and no agent runs. */
export function showStatus(around: Surroundings, isJson: boolean): ExitCode {
  const { home } = around;
  const trust = readTrust(home);
  if (!trust.ok) return complainWith(trust.error, 1);
  if (trust.value === null) {
    const { error } = fail(
      'not-found',
      `This machine has not joined. Join with a code: \`${commandLine(around, 'join CODE')}\`.`,
    );
    return complainWith(error, 1);
  }
  const holder = presentHolder(home.folder, systemClock);
  const status = readStatus(home);
  const key = openAgentKey(home.folder);
  const keyFingerprint = key.ok ? fingerprintText(nodeCryptography.sha256(key.value.publicKey)) : null;
  const { name, workerId, level, proven, pairedAtMs, tasks } = trust.value;
  const current = holder !== null && status?.pid === holder.identity.pid ? status : null;
  if (isJson) {
    const coordinator = { ...proven, fingerprint: trust.value.fingerprint };
    say(
      JSON.stringify({
        isRunning: holder !== null,
        name,
        workerId,
        level,
        pairedAtMs,
        tasks,
        keyFingerprint,
        coordinator,
        status,
      }),
    );
  } else {
    for (const line of linesFor(trust.value, current, status)) say(line);
    if (keyFingerprint !== null) say(`Key of this machine: ${keyFingerprint}`);
  }
  if (holder !== null) return 0;
  return complainWith(
    fail('unavailable', `No agent runs here. Start it with \`${commandLine(around, 'join')}\`.`).error,
    3,
  );
}

function linesFor(trust: Trust, current: AgentStatus | null, last: AgentStatus | null): readonly string[] {
  const { listening, name, level, tasks } = trust;
  const lines = [
    `${name}, watched at level ${level} by ${coordinatorText(trust)} since ${new Date(trust.pairedAtMs).toLocaleString('sv-SE')}.`,
    `It ${taskWords(tasks)}.`,
  ];
  if (current === null) {
    if (last?.reason) lines.push(`It stopped: ${last.reason}`);
    return lines;
  }
  const looking =
    listening === null ? 'Looking for the coordinator' : `Waiting for the coordinator at ${listeningText(listening)}`;
  const age = lengthOf(systemClock.nowMs() - current.sinceMs);
  lines.push(
    current.state === 'online'
      ? `Online for ${age} (pid ${current.pid}).`
      : `${looking} for ${age} (pid ${current.pid}). ${current.reason ?? ''}`.trim(),
  );
  if (current.clockDifferenceMs !== null && current.clockDifferenceMs !== 0) {
    const way = current.clockDifferenceMs > 0 ? 'ahead of' : 'behind';
    lines.push(`Its clock is ${Math.abs(current.clockDifferenceMs)} ms ${way} the coordinator’s.`);
  }
  if (current.spooledBytes > 0) lines.push(`${sizeOf(current.spooledBytes)} wait to be delivered.`);
  if (current.lostTicks > 0) lines.push(`${current.lostTicks} samples were given up, because too many waited.`);
  if (current.diskProblem !== null) lines.push(current.diskProblem);
  if (current.tasksProblem) lines.push(current.tasksProblem);
  return lines;
}

function complainWith(failure: Parameters<typeof complain>[0], exitCode: ExitCode): ExitCode {
  complain(failure);
  return exitCode;
}
