/** A machine that runs attempts only in name: a test says what becomes of each. */

import { fail, ok, type Result } from '../../src/core/result.ts';
import type { AttemptOrder, AttemptReport } from '../../src/core/tasks/attempt.ts';
import type { AttemptId } from '../../src/core/tasks/task.ts';
import type { AttemptHost, AttemptHostOptions } from '../../src/node/tasks/contract.ts';
import { anEnd, aReport } from '../support/tasks.ts';

export interface FakeHost extends AttemptHost {
  readonly options: AttemptHostOptions;
  readonly started: AttemptOrder[];
  readonly cancelled: AttemptId[];
  readonly brought: { readonly sha256: string; readonly offset: number; readonly bytes: Uint8Array }[];
  /** An attempt is held from now on, or moved on. */
  moves(report: AttemptReport): void;
  /** Orders wait for the disk until it is let go. */
  holdDisk(): () => void;
}

/** `isObedient`: what is cancelled ends at once. */
export function fakeHost(
  options: AttemptHostOptions,
  held: readonly AttemptReport[] = [],
  isObedient = true,
): FakeHost {
  const reports = new Map<AttemptId, AttemptReport>(held.map((report) => [report.attemptId, report]));
  const started: AttemptOrder[] = [];
  const cancelled: AttemptId[] = [];
  const brought: FakeHost['brought'] = [];
  let disk: Promise<void> = Promise.resolve();

  function moves(report: AttemptReport): void {
    reports.set(report.attemptId, report);
    options.onReport(report);
  }

  const piece = (attemptId: AttemptId, offset: number): Result<never> | ReturnType<typeof okPiece> =>
    reports.has(attemptId) ? okPiece(offset) : fail('not-found', 'Nothing of this attempt is here.');

  return {
    ...{ options, started, cancelled, brought, moves },
    holdDisk() {
      let letGo: () => void = () => undefined;
      disk = new Promise((resolve) => {
        letGo = resolve;
      });
      return letGo;
    },
    attempts: () => [...reports.values()],
    async start(order) {
      await disk;
      if (options.terms.programs !== null && !options.terms.programs.includes(order.command[0]!)) {
        return fail('not-permitted', `${order.command[0]} is not among the programs that may be run here.`);
      }
      if (reports.has(order.attemptId)) return ok(null);
      started.push(order);
      moves(aReport({ attemptId: order.attemptId, state: 'accepted' }));
      return ok(null);
    },
    gpusInUse: () => started.flatMap(({ gpuIndexes }) => gpuIndexes),
    cancel(attemptId) {
      cancelled.push(attemptId);
      const version = reports.get(attemptId)!.version + 1;
      if (isObedient) moves(aReport({ attemptId, version, end: anEnd({ how: 'cancelled', exitCode: null }) }));
    },
    async forget(attemptIds) {
      for (const attemptId of attemptIds) reports.delete(attemptId);
    },
    readOutput: async (attemptId, offset) => piece(attemptId, offset),
    readFile: async (attemptId, _path, offset) => piece(attemptId, offset),
    missingFiles: (sha256) => sha256.slice(1),
    async bringFile(sha256, offset, _totalBytes, bytes) {
      brought.push({ sha256, offset, bytes });
      return ok(null);
    },
    async dispose() {},
  };
}

function okPiece(fromOffset: number) {
  return ok({ fromOffset, data: 'AAAA', totalBytes: fromOffset + 3 });
}
