/** A server that listens, or the reason why not in the words of whoever asked for it. */
import type { Server } from 'node:net';
import type { fail } from '../../core/result.ts';

type Refused = ReturnType<typeof fail>;

/** Null once it listens. `wordsFor`: what a person is told of the system's error. */
export function startListening(
  server: Server,
  place: { readonly address: string; readonly port: number },
  wordsFor: (error: NodeJS.ErrnoException, address: string, port: number) => Refused,
): Promise<Refused | null> {
  const { address, port } = place;
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(wordsFor(error, address, port)));
    server.listen({ host: address, port, exclusive: true }, () => {
      server.removeAllListeners('error');
      // Accepting failed, for want of file descriptors as a rule: the next one may succeed.
      server.on('error', () => undefined);
      resolve(null);
    });
  });
}
