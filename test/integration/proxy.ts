/** A TCP proxy between agent and coordinator, over which a test breaks the line. */
import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Proxy {
  readonly port: number;
  /** Connections that came in since it was opened. */
  connections(): number;
  /** `cut`: as when the cable is pulled, nothing passes and nobody is told. `closed`: connections end, new ones are refused. */
  set(line: 'through' | 'cut' | 'closed'): void;
}

export async function openProxy(targetPort: number): Promise<Proxy> {
  const pairs = new Set<{ readonly near: Socket; readonly far: Socket }>();
  let line: 'through' | 'cut' | 'closed' = 'through';
  let connections = 0;

  const server = createServer((near) => {
    connections += 1;
    if (line === 'closed') {
      near.destroy();
      return;
    }
    const far = connect(targetPort, '127.0.0.1');
    const pair = { near, far };
    pairs.add(pair);
    const end = () => {
      near.destroy();
      far.destroy();
      pairs.delete(pair);
    };
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('error', () => undefined);
      // The end of one side is not seen on the other while the cable is out.
      from.on('close', () => (line === 'cut' ? undefined : end()));
      from.pipe(to, { end: false });
    }
    if (line === 'cut') pull(pair);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const { near, far } of pairs) {
      near.destroy();
      far.destroy();
    }
    server.close();
  });

  function pull({ near, far }: { readonly near: Socket; readonly far: Socket }): void {
    near.unpipe(far);
    far.unpipe(near);
    near.pause();
    far.pause();
  }

  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    connections: () => connections,
    set(next) {
      line = next;
      for (const pair of [...pairs]) {
        const { near, far } = pair;
        if (line === 'cut') pull(pair);
        else if (line === 'closed' || near.destroyed || far.destroyed) {
          near.destroy();
          far.destroy();
          pairs.delete(pair);
        } else {
          near.pipe(far, { end: false });
          far.pipe(near, { end: false });
        }
      }
    },
  };
}
