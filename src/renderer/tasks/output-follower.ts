/** Reads an attempt's output as it grows: its end first, then what follows, and what came before on request. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { AttemptId } from '../../core/tasks/task.ts';
import { call } from '../api.ts';
import { isWindowVisible, onBeat } from '../state/beat.ts';
import { type OutputTail, tailOf, withEarlier, withLater } from './output-tail.ts';

/** What one question answers at most. */
const PIECE_BYTES = 65_536;

interface Use {
  /** Null before the first answer. */
  readonly tail: OutputTail | null;
  readonly failure: string | null;
  readonly isEarlierUnderWay: boolean;
  readonly loadEarlier: () => void;
  readonly retry: () => void;
}

export function useOutput(attemptId: AttemptId, writtenBytes: number, isOver: boolean): Use {
  const [tail, setTail] = useState<OutputTail | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [isEarlierUnderWay, setIsEarlierUnderWay] = useState(false);
  const latest = useRef<OutputTail | null>(null);
  const written = useRef(writtenBytes);
  written.current = writtenBytes;
  const isOverNow = useRef(isOver);
  isOverNow.current = isOver;
  const isFailed = useRef(false);

  const show = useCallback((next: OutputTail) => {
    latest.current = next;
    setTail(next);
    setFailure(null);
  }, []);
  const refuse = useCallback((message: string) => {
    isFailed.current = true;
    setFailure(message);
  }, []);

  useEffect(() => {
    let isCurrent = true;
    let isUnderWay = false;
    const follow = async () => {
      if (isUnderWay || isFailed.current || !isWindowVisible()) return;
      isUnderWay = true;
      while (isCurrent && isWorthAsking(latest.current, written.current, isOverNow.current)) {
        const before = latest.current;
        const answer = await call('task:output', attemptId, before?.toOffset ?? -PIECE_BYTES);
        if (!isCurrent) break;
        if (!answer.ok) {
          refuse(answer.error.message);
          break;
        }
        // Earlier lines may have come meanwhile.
        const now = latest.current;
        show(now === null ? tailOf(answer.value) : withLater(now, answer.value));
        const isCaughtUp = latest.current !== null && latest.current.toOffset >= answer.value.totalBytes;
        if (isCaughtUp || latest.current?.toOffset === before?.toOffset) break;
      }
      isUnderWay = false;
    };
    void follow();
    const stop = onBeat(() => void follow());
    return () => {
      isCurrent = false;
      stop();
    };
  }, [attemptId, show, refuse]);

  const loadEarlier = useCallback(async () => {
    const before = latest.current;
    if (before === null) return;
    setIsEarlierUnderWay(true);
    const answer = await call('task:output', attemptId, Math.max(0, before.fromOffset - PIECE_BYTES));
    setIsEarlierUnderWay(false);
    const now = latest.current;
    if (now === null) return;
    if (answer.ok) show(withEarlier(now, answer.value));
    else refuse(answer.error.message);
  }, [attemptId, show, refuse]);
  const retry = useCallback(() => {
    isFailed.current = false;
    setFailure(null);
  }, []);
  return { tail, failure, isEarlierUnderWay, loadEarlier: () => void loadEarlier(), retry };
}

function isWorthAsking(tail: OutputTail | null, writtenBytes: number, isOver: boolean): boolean {
  if (tail === null) return true;
  if (tail.isComplete && tail.toOffset >= tail.totalBytes) return false;
  return writtenBytes > tail.toOffset || tail.totalBytes > tail.toOffset || isOver;
}
