// Progress of what takes longer than a second: a bar on a terminal, plain lines elsewhere.
import { SingleBar } from 'cli-progress';

const quietMs = 1000;
const plainLineEveryMs = 5000;
const mebibyte = 1024 * 1024;

export type Progress = {
  /** Bytes done so far, of the total given at the start. */
  at(bytes: number): void;
  done(): void;
};

export type Say = (line: string) => void;

/** Starts showing the progress of one step; shows nothing for steps that end within a second. */
export function startProgress(label: string, totalBytes: number, out: NodeJS.WriteStream = process.stderr): Progress {
  const startedAt = Date.now();
  return out.isTTY ? barProgress(label, totalBytes, out, startedAt) : plainProgress(label, totalBytes, out, startedAt);
}

function barProgress(label: string, totalBytes: number, out: NodeJS.WriteStream, startedAt: number): Progress {
  const total = toMib(totalBytes);
  const bar = new SingleBar({
    stream: out,
    hideCursor: true,
    clearOnComplete: true,
    format: `${label} [{bar}] {percentage} %  {value}/{total} MiB`,
  });
  let shown = false;
  return {
    at(bytes) {
      const value = Math.min(toMib(bytes), total);
      if (shown) bar.update(value);
      else if (Date.now() - startedAt > quietMs) {
        bar.start(total, value);
        shown = true;
      }
    },
    done() {
      if (shown) bar.stop();
    },
  };
}

function plainProgress(label: string, totalBytes: number, out: NodeJS.WriteStream, startedAt: number): Progress {
  let saidAt = startedAt + quietMs - plainLineEveryMs;
  let said = false;
  return {
    at(bytes) {
      if (Date.now() - saidAt < plainLineEveryMs) return;
      saidAt = Date.now();
      said = true;
      out.write(`${label}: ${toMib(bytes)} of ${toMib(totalBytes)} MiB\n`);
    },
    done() {
      if (said) out.write(`${label}: done in ${Math.round((Date.now() - startedAt) / 1000)} s\n`);
    },
  };
}

function toMib(bytes: number): number {
  return Math.round(bytes / mebibyte);
}
