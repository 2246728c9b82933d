/** Once a second while an attempt is not over: what it uses, and whether its supervisor is still there. */
import type { AttemptPulse } from '../../core/tasks/attempt.ts';
import { type Clock, type Disposable, SECOND_MS } from '../../core/time.ts';
import type { Timers } from '../../engine/ports.ts';
import type { GpuUsage } from './gpu-usage.ts';
import type { HeldAttempt } from './held-attempt.ts';
import type { Lives } from './lives.ts';
import type { MemoryReader } from './memory-reader.ts';
import type { Nursery } from './nursery.ts';
import { outputBytes } from './output-reader.ts';

/** Early enough for what ends within the second, late enough to spare what ends at once. */
const FIRST_READING_MS = 30;

export interface RoundsOptions {
  readonly held: ReadonlyMap<string, HeldAttempt>;
  readonly lives: Pick<Lives, 'check'>;
  readonly memory: MemoryReader;
  readonly gpu: Pick<GpuUsage, 'keep'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly onPulses: (pulses: readonly AttemptPulse[]) => void;
  readonly trimOutput: Nursery['trimOutput'];
}

export interface Rounds extends Disposable {
  /** Something is to be looked after. */
  wake(): void;
  /** Reads it soon, before its first round. */
  readSoon(one: HeldAttempt): void;
  dispose(): void;
}

export function createRounds({ held, lives, memory, gpu, clock, timers, onPulses, trimOutput }: RoundsOptions): Rounds {
  let next: Disposable | null = null;
  let isDisposed = false;

  function schedule(delayMs: number): void {
    if (isDisposed || next !== null) return;
    next = timers.after(delayMs, () => {
      void round();
    });
  }

  async function round(): Promise<void> {
    const startedMs = clock.monotonicMs();
    const open = [...held.values()].filter(({ report }) => report.state !== 'ended');
    gpu.keep(open.some(({ order }) => (order?.gpuIndexes.length ?? 0) > 0));
    const pulses: AttemptPulse[] = [];
    for (const one of open) {
      await lives.check(one);
      if (one.order !== null) await trim(one.place.folder, one.order.outputLimitBytes);
      const pulse = await pulseOf(one);
      if (pulse !== null && !isDisposed) pulses.push(pulse);
    }
    if (isDisposed) return;
    memory.keep(new Set(open.flatMap(({ meter }) => meter?.now().pids ?? [])));
    if (pulses.length > 0) onPulses(pulses);
    next = null;
    // One more round after the last, for what was kept running for it.
    if (open.length > 0) schedule(Math.max(SECOND_MS / 2, SECOND_MS - (clock.monotonicMs() - startedMs)));
  }

  /** Where that cannot be done now (the disk is full), the next round tries again. */
  async function trim(folder: string, limitBytes: number): Promise<void> {
    await trimOutput?.(folder, limitBytes).catch(() => {});
  }

  async function pulseOf({ meter, place, isEnding }: HeldAttempt): Promise<AttemptPulse | null> {
    if (meter === null || isEnding) return null;
    await meter.read();
    const { cores, memoryBytes, gpuMemoryBytes, usage } = meter.now();
    // No pulse is better than one that tells of no output.
    const written = await outputBytes(place.folder).catch(() => null);
    if (written === null) return null;
    return { attemptId: place.attemptId, cores, memoryBytes, gpuMemoryBytes, usage, outputBytes: written };
  }

  return {
    wake: () => schedule(SECOND_MS),
    readSoon(one) {
      timers.after(FIRST_READING_MS, () => {
        if (!isDisposed && !one.isEnding) void one.meter?.read();
      });
    },
    dispose() {
      isDisposed = true;
      next?.dispose();
    },
  };
}
