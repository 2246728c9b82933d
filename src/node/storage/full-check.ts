/** Reads a database for damage on a thread of its own, with a connection of its own: the store goes on meanwhile. */
import { Worker } from 'node:worker_threads';
import { threadEntry } from '../thread.ts';
import { openReadable } from './connection.ts';
import { damageIn } from './damage.ts';
import type { CheckReply, CheckThreadData } from './messages.ts';

/** What is wrong with the file, or null. Trouble in opening it is no damage: the store itself meets that. */
export function runCheck(path: string): CheckReply {
  try {
    const database = openReadable(path);
    try {
      return { problem: damageIn(database) };
    } finally {
      database.close();
    }
  } catch {
    return { problem: null };
  }
}

/** Answers what `runCheck` finds in a new thread; null too when the thread cannot be had. */
export function checkInThread(path: string): Promise<string | null> {
  const data: CheckThreadData = { role: 'check', path };
  const worker = new Worker(threadEntry('store-thread'), { workerData: data });
  // The check must not keep a closing app waiting.
  worker.unref();
  return new Promise((resolve) => {
    worker.once('message', (reply: CheckReply) => resolve(reply.problem));
    worker.once('error', () => resolve(null));
    worker.once('exit', () => resolve(null));
  });
}
