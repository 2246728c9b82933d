/** A package registry on this machine that serves one package over HTTP, as `npm` asks for it. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** Starts it and returns its address; it ends with the test. */
export async function startRegistry(
  name: string,
  version: string,
  tarball: string,
  integrity: string,
): Promise<string> {
  const server = createServer((request, response) => {
    if (request.url?.endsWith('.tgz')) response.end(readFileSync(tarball));
    else if (request.url === `/${name}`) response.end(JSON.stringify(packument(`http://${request.headers.host}`)));
    else response.writeHead(404).end('{}');
  });
  const packument = (address: string) => ({
    name,
    'dist-tags': { latest: version },
    versions: { [version]: { name, version, dist: { tarball: `${address}/${name}.tgz`, integrity } } },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
