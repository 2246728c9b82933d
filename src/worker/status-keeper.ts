/** Keeps `status.json` current: at once when the link changes, each few seconds when only figures do. */
import type { Clock, Disposable } from '../core/time.ts';
import type { Timers } from '../engine/ports.ts';
import type { Home } from '../node/agent-home/home.ts';
import type { Trust } from '../node/agent-home/trust.ts';
import { type AgentStatus, writeStatus } from './status-file.ts';

const LOOK_EVERY_MS = 5_000;

type Figures = Pick<AgentStatus, 'spooledBytes' | 'lostTicks' | 'clockDifferenceMs'>;

export interface StatusKeeper {
  now(): AgentStatus;
  set(changes: Partial<Omit<AgentStatus, 'sinceMs' | 'pid'>>): void;
  /** Asks for the figures from now on. */
  watch(figures: () => Figures): void;
  /** The last word: the agent has stopped, for a reason or because somebody stopped it (null). */
  end(reason: string | null): void;
}

export interface StatusKeeperOptions {
  readonly home: Home;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly trust: Trust;
  readonly version: string;
  readonly tasksProblem: string | null;
}

export function keepStatus({ home, clock, timers, trust, version, tasksProblem }: StatusKeeperOptions): StatusKeeper {
  let timer: Disposable | null = null;
  let figures: () => Figures = () => ({ spooledBytes: 0, lostTicks: 0, clockDifferenceMs: null });
  let written = '';
  let status: AgentStatus = {
    pid: process.pid,
    agentVersion: version,
    state: 'connecting',
    sinceMs: clock.nowMs(),
    reason: null,
    address: null,
    name: trust.name,
    level: trust.level,
    diskProblem: null,
    tasksProblem,
    ...figures(),
  };

  function write(): void {
    status = { ...status, ...figures() };
    const text = JSON.stringify(status);
    if (text !== written && writeStatus(home, status)) written = text;
  }

  function look(): void {
    write();
    timer = timers.after(LOOK_EVERY_MS, look);
  }

  return {
    now: () => status,
    set(changes) {
      const isNewState = changes.state !== undefined && changes.state !== status.state;
      status = { ...status, ...changes, ...(isNewState ? { sinceMs: clock.nowMs() } : {}) };
      write();
    },
    watch(newFigures) {
      figures = newFigures;
      look();
    },
    end(reason) {
      timer?.dispose();
      status = { ...status, state: 'stopped', sinceMs: clock.nowMs(), reason };
      write();
    },
  };
}
