/** Work on one thing at a time, so that two pieces of one file never cross. */

/** Calls `work` when what was given before under the same key has ended, well or not. */
export type TakeTurn = <Value>(key: string, work: () => Promise<Value>) => Promise<Value>;

export function createTurns(): TakeTurn {
  const last = new Map<string, Promise<void>>();
  return (key, work) => {
    const turn = (last.get(key) ?? Promise.resolve()).then(work);
    const ended = turn.then(
      () => {},
      () => {},
    );
    last.set(key, ended);
    void ended.then(() => {
      if (last.get(key) === ended) last.delete(key);
    });
    return turn;
  };
}
