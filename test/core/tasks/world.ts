/**
 * A lab that does at random what labs do: orders get lost, workers go away with what they run and come back, people cancel
 * and retry. It keeps what would be on disk and what the agents hold, and checks after each step what must always hold.
 */

import type { WorkerId } from '../../../src/core/fleet/worker.ts';
import type { Candidate } from '../../../src/core/scheduling/place.ts';
import type { AttemptReport } from '../../../src/core/tasks/attempt.ts';
import { createTaskBook } from '../../../src/core/tasks/book.ts';
import type { TaskChange, TaskStimulus } from '../../../src/core/tasks/stimulus.ts';
import {
  type Attempt,
  type AttemptId,
  isAttemptOver,
  isTaskOver,
  type Run,
  type RunId,
  type Task,
  type TaskId,
  type TaskSpec,
} from '../../../src/core/tasks/task.ts';
import { firstFit } from '../../support/first-fit.ts';
import { aCandidate, anEnd, aReport, aRun, aTask, GIB } from '../../support/tasks.ts';
import { NO_RECORDS } from './lab.ts';

export type Deed =
  | 'submit'
  | 'schedule'
  | 'begin'
  | 'end-well'
  | 'end-badly'
  | 'vanish'
  | 'cut'
  | 'lose'
  | 'return'
  | 'collect'
  | 'cancel'
  | 'cancel-run'
  | 'retry'
  | 'unpark'
  | 'refuse'
  | 'give-back'
  | 'restart'
  | 'evict';

/** What one worker's agent holds, and whether it can be heard. */
interface Agent {
  readonly offer: Candidate;
  isLinked: boolean;
  readonly held: Map<AttemptId, AttemptReport>;
  /** Asked for since this link began. */
  readonly collecting: Set<AttemptId>;
}

function agentOf(number: number, cores: number, gpus: number): Agent {
  const capacity = {
    cores,
    memoryBytes: 8 * GIB,
    gpus: Array.from({ length: gpus }, (_, index) => ({ index, model: 'RTX 4090', memoryBytes: 24 * GIB })),
  };
  return { offer: aCandidate(number, { capacity }), isLinked: true, held: new Map(), collecting: new Set() };
}

export function createWorld() {
  const agents = [agentOf(1, 2, 0), agentOf(2, 3, 2), agentOf(3, 4, 0), agentOf(4, 1, 1)];
  const runs = new Map<RunId, Run>();
  const tasks = new Map<TaskId, Task>();
  const attempts = new Map<AttemptId, Attempt>();
  let book = createTaskBook(NO_RECORDS);
  const missed = new Set<AttemptId>();
  let nowMs = 1_000_000;

  function agentFor(workerId: WorkerId): Agent {
    const agent = agents.find(({ offer }) => offer.workerId === workerId);
    if (agent === undefined) throw new Error(`No worker ${workerId}`);
    return agent;
  }

  function store({ changed, effects }: TaskChange, mayRevive: boolean): void {
    const ids = [...changed.tasks.map(({ taskId }) => taskId), ...changed.attempts.map(({ attemptId }) => attemptId)];
    if (new Set<string>(ids).size !== ids.length) throw new Error(`A record twice in one change: ${ids}`);
    for (const run of changed.runs) runs.set(run.runId, run);
    for (const task of changed.tasks) {
      const before = tasks.get(task.taskId);
      const isRevived = before !== undefined && isTaskOver(before.state) && before.state !== task.state;
      if (isRevived && !mayRevive) throw new Error(`${task.taskId} went from ${before.state} to ${task.state}`);
      tasks.set(task.taskId, task);
    }
    for (const attempt of changed.attempts) attempts.set(attempt.attemptId, attempt);
    for (const { kind, workerId, attemptId } of effects) {
      const agent = agentFor(workerId);
      if (kind === 'collect') {
        if (agent.collecting.has(attemptId)) throw new Error(`${attemptId} is collected twice`);
        agent.collecting.add(attemptId);
      } else if (!agent.isLinked) continue;
      else if (kind === 'cancel') endOn(agent, attemptId, { how: 'cancelled', exitCode: null });
      else if (isLostOnTheWay(attemptId)) missed.add(attemptId);
      else accept(agent, attemptId);
    }
  }

  function apply(stimulus: TaskStimulus, mayRevive = false): void {
    store(book.apply(stimulus, nowMs), mayRevive);
  }

  /** The first order of every fourth task: the link breaks before it arrives, which nobody notices. */
  function isLostOnTheWay(attemptId: AttemptId): boolean {
    return Number(attemptId.split('.')[0]?.slice(1)) % 4 === 3 && !missed.has(attemptId);
  }

  function accept(agent: Agent, attemptId: AttemptId): void {
    if (!agent.held.has(attemptId)) agent.held.set(attemptId, aReport({ attemptId, state: 'accepted' }));
  }

  function endOn(agent: Agent, attemptId: AttemptId, end: Parameters<typeof anEnd>[0]): void {
    if (agent.held.get(attemptId)?.state === 'ended') return;
    agent.held.set(attemptId, aReport({ attemptId, end: anEnd(end), endedAtMs: nowMs }));
  }

  function tell(agent: Agent): void {
    if (!agent.isLinked) return;
    for (const report of [...agent.held.values()]) {
      loadRunOf(report.attemptId);
      apply({ kind: 'reported', workerId: agent.offer.workerId, report });
    }
  }

  function loadRunOf(attemptId: AttemptId): void {
    const attempt = attempts.get(attemptId);
    if (attempt !== undefined) loadRun(tasks.get(attempt.taskId)?.runId);
  }

  function loadRun(runId: RunId | undefined): void {
    const run = runId === undefined ? undefined : runs.get(runId);
    if (run === undefined || book.run(run.runId) !== undefined) return;
    book.add(recordsOf([run]));
  }

  function recordsOf(chosen: readonly Run[]) {
    const runIds = new Set(chosen.map(({ runId }) => runId));
    const theirs = [...tasks.values()].filter(({ runId }) => runIds.has(runId));
    const taskIds = new Set(theirs.map(({ taskId }) => taskId));
    return {
      runs: chosen,
      tasks: theirs,
      attempts: [...attempts.values()].filter(({ taskId }) => taskIds.has(taskId)),
    };
  }

  function submit(specs: readonly Partial<TaskSpec>[], plan: Partial<Run>): void {
    const run = aRun({ ...plan, runId: `r${String(runs.size).padStart(9, '0')}` as RunId });
    const first = tasks.size + 1;
    const named = specs.map((spec, index) =>
      aTask(first + index, { ...spec, name: `task-${index}` }, { runId: run.runId }),
    );
    apply({ kind: 'submitted', run, tasks: named });
  }

  function moveOn(agent: Agent, pick: number, end: Parameters<typeof anEnd>[0] | null): void {
    const open = [...agent.held.values()].filter(({ state }) => state !== 'ended');
    const chosen = open[pick % Math.max(1, open.length)];
    if (chosen === undefined) return;
    const { attemptId } = chosen;
    if (end === null) agent.held.set(attemptId, aReport({ attemptId, state: 'running' }));
    else endOn(agent, attemptId, end);
    tell(agent);
  }

  function schedule(): void {
    const offers = agents.map(({ offer, isLinked }) => ({ ...offer, isReachable: isLinked }));
    store(book.schedule(firstFit, offers, nowMs), false);
  }

  function bringBack(agent: Agent): void {
    agent.isLinked = true;
    agent.collecting.clear();
    for (const attemptId of agent.held.keys()) loadRunOf(attemptId);
    apply({ kind: 'held', workerId: agent.offer.workerId, attemptIds: new Set(agent.held.keys()) });
    tell(agent);
  }

  function collect(agent: Agent): void {
    if (!agent.isLinked) return;
    for (const attemptId of agent.collecting) {
      if (agent.held.get(attemptId)?.state !== 'ended') throw new Error(`${attemptId} is collected before its end`);
      agent.held.delete(attemptId);
      book.collected(attemptId);
    }
    agent.collecting.clear();
  }

  function wish(kind: 'cancel' | 'retry' | 'unpark', pick: number): void {
    const taskId = [...tasks.keys()][pick % Math.max(1, tasks.size)];
    if (taskId === undefined) return;
    loadRun(tasks.get(taskId)?.runId);
    const stimulus: TaskStimulus = { kind, taskId };
    apply(stimulus, kind === 'retry');
  }

  function restart(): void {
    const open = [...runs.values()].filter(({ runId }) =>
      [...tasks.values()].some((task) => task.runId === runId && !isTaskOver(task.state)),
    );
    book = createTaskBook(recordsOf(open));
    for (const agent of agents) if (agent.isLinked) bringBack(agent);
  }

  function refuse(kind: 'refused' | 'returned', pick: number): void {
    const placed = [...attempts.values()].filter(({ state }) => state === 'placed');
    const chosen = placed[pick % Math.max(1, placed.length)];
    if (chosen === undefined || agentFor(chosen.workerId).held.has(chosen.attemptId)) return;
    apply({ kind, attemptId: chosen.attemptId, message: 'No.' });
  }

  function check(): void {
    for (const task of tasks.values()) {
      const known = book.task(task.taskId);
      if (known === undefined && !isTaskOver(task.state)) throw new Error(`${task.taskId} is lost from the book`);
      if (known !== undefined && known !== task) throw new Error(`${task.taskId} changed without a change`);
      const own = [...attempts.values()].filter(({ taskId }) => taskId === task.taskId);
      const open = own.filter(({ state }) => !isAttemptOver(state));
      const isUnderWay = task.state === 'placed' || task.state === 'running';
      if (open.length !== (isUnderWay ? 1 : 0)) throw new Error(`${task.state} with ${open.length} open attempts`);
      if (isUnderWay && own.some(({ number }) => number > (open[0]?.number ?? 0)))
        throw new Error('An old one is open');
      if ((task.state === 'running') !== (open[0]?.state === 'running')) throw new Error('Only one of them runs');
    }
    for (const { offer } of agents) checkPromises(offer);
  }

  function checkPromises({ workerId, capacity }: Candidate): void {
    const open = [...attempts.values()].filter((one) => one.workerId === workerId && !isAttemptOver(one.state));
    const cores = open.reduce((sum, { promised }) => sum + promised.cores, 0);
    if (cores > (capacity.cores ?? 0) + 1e-6) throw new Error(`${cores} cores are promised on ${workerId}`);
    for (const { index } of capacity.gpus) {
      const shares = open.flatMap(({ promised }) => promised.gpus.filter((given) => given.index === index));
      const share = shares.reduce((sum, given) => sum + given.share, 0);
      if (share > 1 + 1e-6) throw new Error(`${share} of GPU ${index} are promised on ${workerId}`);
    }
  }

  return {
    do(deed: Deed, pick: number, specs: readonly Partial<TaskSpec>[], plan: Partial<Run>) {
      nowMs += 1_000;
      const agent = agents[pick % agents.length] as Agent;
      switch (deed) {
        case 'submit':
          submit(specs, plan);
          break;
        case 'schedule':
          schedule();
          for (const one of agents) tell(one);
          break;
        case 'begin':
          moveOn(agent, pick, null);
          break;
        case 'end-well':
          moveOn(agent, pick, {});
          break;
        case 'end-badly':
          moveOn(agent, pick, pick % 2 === 0 ? { exitCode: 1 } : { how: 'timed-out', exitCode: null });
          break;
        case 'vanish':
          moveOn(agent, pick, { how: 'vanished', exitCode: null });
          break;
        case 'cut':
          agent.isLinked = false;
          break;
        case 'lose':
          agent.isLinked = false;
          apply({ kind: 'worker-lost', workerId: agent.offer.workerId });
          break;
        case 'return':
          bringBack(agent);
          break;
        case 'collect':
          collect(agent);
          break;
        case 'cancel-run': {
          const run = [...runs.keys()][pick % Math.max(1, runs.size)];
          if (run !== undefined) apply({ kind: 'cancel-run', runId: run });
          break;
        }
        case 'refuse':
          refuse('refused', pick);
          break;
        case 'give-back':
          refuse('returned', pick);
          break;
        case 'restart':
          restart();
          break;
        case 'evict':
          book.evict();
          break;
        default:
          wish(deed, pick);
      }
      check();
    },
    /** Lets everybody come back and finish. Afterwards each task is over, or waits for a person, or for one that does. */
    finish() {
      for (let round = 0; round < 400; round += 1) {
        for (const agent of agents) bringBack(agent);
        schedule();
        for (const agent of agents) {
          for (const attemptId of agent.held.keys()) endOn(agent, attemptId, {});
          tell(agent);
          collect(agent);
        }
        check();
      }
      book.evict();
      const states = [...tasks.values()].map(({ taskId, state }) => ({ taskId, state, isInBook: book.task(taskId) }));
      const open = states.filter(({ state }) => !isTaskOver(state));
      if (open.some(({ state }) => state === 'queued' || state === 'placed' || state === 'running')) {
        throw new Error(`Never ended: ${JSON.stringify(open)}`);
      }
      if (open.some(({ state }) => state === 'blocked') && !open.some(({ state }) => state === 'parked')) {
        throw new Error(`Waits for nobody: ${JSON.stringify(open)}`);
      }
      const held = agents.flatMap((agent) => [...agent.held.keys()]);
      if (held.length > 0) throw new Error(`Never collected: ${held}`);
      return { taskCount: tasks.size, openCount: open.length, counts: book.counts() };
    },
  };
}
