import { describe, expect, test } from 'vitest';
import { GpuProcessTable } from '../../../src/node/sampling/nvidia/gpu-processes.ts';

const MIB = 1_048_576;

describe('GPU memory by process', () => {
  test('adds up what one process holds on several GPUs in one round', () => {
    const table = new GpuProcessTable();
    table.take('4711, 1024', 0);
    table.take('4712, 100', 2);
    table.take('4711, 512', 3);
    expect(table.bytesOf(4_711, 900)).toBe(1_536 * MIB);
    expect(table.bytesOf(4_712, 900)).toBe(100 * MIB);
    expect(table.bytesOf(1, 900)).toBeNull();
  });

  test('forgets with the next round who is no longer in it', () => {
    const table = new GpuProcessTable();
    table.take('4711, 1024', 0);
    table.take('4712, 100', 1);
    table.take('4712, 200', 1_000);
    expect(table.bytesOf(4_712, 1_900)).toBe(200 * MIB);
    expect(table.bytesOf(4_711, 1_900)).toBeNull();
  });

  test('tells the round before while the next one is being printed', () => {
    const table = new GpuProcessTable();
    table.take('4711, 1024', 0);
    table.take('4712, 100', 1);
    table.take('4711, 2048', 1_000);
    expect(table.bytesOf(4_712, 1_001)).toBe(100 * MIB);
    expect(table.bytesOf(4_711, 1_001)).toBe(1_024 * MIB);
  });

  test('fades when nothing is printed any more, for then no process is left', () => {
    const table = new GpuProcessTable();
    table.take('4711, 1024', 0);
    expect(table.bytesOf(4_711, 3_001)).toBeNull();
  });

  test('takes no line for an answer that is none', () => {
    const table = new GpuProcessTable();
    expect(table.take('4711, [N/A]', 0)).toBe(true);
    expect(table.take('No devices were found', 0)).toBe(false);
    expect(table.bytesOf(4_711, 10)).toBeNull();
  });
});
