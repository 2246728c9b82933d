/** A second opinion: psutil, in a Python process of its own, read at the very moments a test names. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { requireProgram } from '../../support/required-program.ts';

/** Debian's own Python: others on the PATH may lack the module. */
export const PYTHON = '/usr/bin/python3';

const SCRIPT = `
import json, sys, time, psutil
for line in sys.stdin:
    pid = int(line)
    memory = psutil.virtual_memory()
    answer = {
        'monotonicSeconds': time.monotonic(),
        'cpuPercent': psutil.cpu_percent(None),
        'memoryTotal': memory.total, 'memoryAvailable': memory.available, 'memoryUsed': memory.used,
        'memoryPercent': memory.percent,
        'disks': {name: [io.read_bytes, io.write_bytes, io.write_count] for name, io in psutil.disk_io_counters(perdisk=True, nowrap=False).items()},
        'nics': {name: [io.bytes_recv, io.bytes_sent] for name, io in psutil.net_io_counters(pernic=True, nowrap=False).items()},
        'rootPercent': psutil.disk_usage('/').percent,
        'load1': psutil.getloadavg()[0],
        'processSeconds': None, 'processBytes': None,
    }
    if pid > 0:
        process = psutil.Process(pid)
        times = process.cpu_times()
        answer['processSeconds'] = times.user + times.system
        answer['processBytes'] = process.memory_info().rss
    print(json.dumps(answer), flush=True)
`;

export interface Opinion {
  readonly monotonicSeconds: number;
  /** Since the reading before. */
  readonly cpuPercent: number;
  readonly memoryTotal: number;
  readonly memoryAvailable: number;
  readonly memoryUsed: number;
  readonly memoryPercent: number;
  /** Bytes read, bytes written, writes. */
  readonly disks: Readonly<Record<string, readonly [number, number, number]>>;
  /** Bytes received, bytes sent. */
  readonly nics: Readonly<Record<string, readonly [number, number]>>;
  readonly rootPercent: number;
  readonly load1: number;
  readonly processSeconds: number | null;
  readonly processBytes: number | null;
}

export interface IndependentReader {
  /** Reads now; `pid` names a process to look at too, or is 0. */
  read(pid?: number): Promise<Opinion>;
}

export function independentReader(): IndependentReader {
  requireProgram(PYTHON, 'python3');
  try {
    execFileSync(PYTHON, ['-c', 'import psutil'], { stdio: 'ignore' });
  } catch {
    throw new Error('psutil is missing. Install it: sudo apt-get install python3-psutil');
  }
  const child = spawn(PYTHON, ['-c', SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill());
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async read(pid = 0) {
      child.stdin.write(`${pid}\n`);
      const { done, value } = await lines.next();
      if (done) throw new Error('The independent reader ended.');
      return JSON.parse(value) as Opinion;
    },
  };
}

/** A load for as long as the test runs. */
export function load(path: string, debianPackage: string, args: readonly string[]): ChildProcess {
  requireProgram(path, debianPackage);
  const child = spawn(path, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const limit = setTimeout(() => child.kill('SIGKILL'), 2_000);
    await ended;
    clearTimeout(limit);
  });
  return child;
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
