/**
 * `/proc/PID/stat`: one line about a process.
 * Format: proc_pid_stat(5). The name stands in parentheses and may itself hold parentheses, blanks and newlines, so it
 * ends at the last `)` of the text.
 */
import type { ByteCursor } from '../byte-cursor.ts';

export interface ProcessReading {
  /** CPU ticks of the process itself, user and system, all its threads. */
  cpuTicks: number;
  threadCount: number;
  /** Ticks after boot at which it started: with the pid, the identity of the process. */
  startTicks: number;
  residentPages: number;
  /** Where the name lies in the text. */
  nameStart: number;
  nameEnd: number;
  isKernelThread: boolean;
}

export function emptyProcess(): ProcessReading {
  return {
    cpuTicks: 0,
    threadCount: 0,
    startTicks: 0,
    residentPages: 0,
    nameStart: 0,
    nameEnd: 0,
    isKernelThread: false,
  };
}

const CLOSE = 41;
const OPEN = 40;
/** PF_KTHREAD of the kernel's include/linux/sched.h. */
const KERNEL_THREAD_FLAG = 0x0020_0000;

/** False where the text is not a whole stat line. */
export function parseProcessStat(cursor: ByteCursor, into: ProcessReading): boolean {
  const open = cursor.bytes.indexOf(OPEN, cursor.at);
  const close = cursor.bytes.lastIndexOf(CLOSE, cursor.end - 1);
  if (open < 0 || close <= open) return false;
  into.nameStart = open + 1;
  into.nameEnd = close;
  cursor.at = close + 1;
  // state ppid pgrp session tty_nr tpgid
  for (let column = 0; column < 6; column += 1) cursor.skipWord();
  const flags = cursor.number();
  into.isKernelThread = Math.floor(flags / KERNEL_THREAD_FLAG) % 2 === 1;
  // minflt cminflt majflt cmajflt
  for (let column = 0; column < 4; column += 1) cursor.skipWord();
  into.cpuTicks = cursor.number() + cursor.number();
  // cutime cstime priority nice
  for (let column = 0; column < 4; column += 1) cursor.skipWord();
  into.threadCount = cursor.number();
  cursor.skipWord();
  into.startTicks = cursor.number();
  cursor.skipWord();
  into.residentPages = cursor.number();
  return !Number.isNaN(into.residentPages);
}
