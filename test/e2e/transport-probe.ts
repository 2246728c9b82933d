/**
 * One end of a link, as a process: a coordinator (`server FOLDER`, or `dialler PORT FOLDER`) or an agent (`client PORT
 * FINGERPRINT FOLDER`, or `waiter FINGERPRINT FOLDER`). What it sees, it says as lines of JSON.
 */
import type { Link } from '../../src/engine/ports.ts';
import { openAgentKey } from '../../src/node/transport/agent-key.ts';
import { connectLink } from '../../src/node/transport/client.ts';
import { nodeCryptography } from '../../src/node/transport/cryptography.ts';
import { dialLink } from '../../src/node/transport/dialling.ts';
import { type Identity, openIdentity } from '../../src/node/transport/identity.ts';
import { listenForLinks } from '../../src/node/transport/server.ts';
import { waitForLinks } from '../../src/node/transport/waiting.ts';

const [role = '', ...words] = process.argv.slice(2);
const encode = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const decode = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
const say = (about: object) => process.stdout.write(`${JSON.stringify(about)}\n`);

const ROLES: Readonly<Record<string, (...given: string[]) => Promise<void>>> = { server, dialler, client, waiter };
await ROLES[role]?.(...words);

async function identityIn(folder: string): Promise<Identity> {
  const identity = await openIdentity(folder);
  if (!identity.ok) throw new Error(identity.error.message);
  return identity.value;
}

async function server(folder = ''): Promise<void> {
  const identity = await identityIn(folder);
  const listener = await listenForLinks({
    identity,
    address: '127.0.0.1',
    port: 0,
    agentFile: async () => new TextEncoder().encode('// the agent\n'),
    onLink: (link) => answerOn(link, identity),
  });
  if (!listener.ok) throw new Error(listener.error.message);
  say({ port: listener.value.port, fingerprint: encode(identity.fingerprint), versions: process.versions });
}

async function dialler(port = '', folder = ''): Promise<void> {
  const identity = await identityIn(folder);
  const place = { address: '127.0.0.1', port: Number(port) };
  const { signal } = new AbortController();
  const dialled = await dialLink({ ...place, identity, connectMs: 30_000, askMs: 30_000, signal });
  if (!dialled.ok) throw new Error(dialled.error.message);
  answerOn(dialled.value.link, identity);
}

/** Answers each message with whether its signature holds, and its own signature over the connection. */
function answerOn(link: Link, identity: Identity): void {
  link.onMessage((text) => {
    const said = JSON.parse(text) as {
      readonly publicKey: string;
      readonly signature: string;
      readonly filler: string;
    };
    const holds = nodeCryptography.verify(decode(said.publicKey), link.channelBinding, decode(said.signature));
    const { publicKey, sign } = identity.key;
    const signature = encode(sign(link.channelBinding));
    link.send(JSON.stringify({ holds, publicKey: encode(publicKey), signature, fillerLength: said.filler.length }));
  });
}

async function client(port = '', fingerprint = '', folder = ''): Promise<void> {
  const options = {
    addresses: ['127.0.0.1'],
    port: Number(port),
    fingerprint: decode(fingerprint),
    timeoutMs: 30_000,
  };
  const link = await connectLink(options);
  if (link.ok) askOn(link.value, fingerprint, folder);
  else say({ failure: link.error.code, versions: process.versions });
}

async function waiter(fingerprint = '', folder = ''): Promise<void> {
  const waiting = await waitForLinks({
    address: '127.0.0.1',
    port: 0,
    fingerprint: () => decode(fingerprint),
    onLink: (link) => askOn(link, fingerprint, folder),
  });
  if (!waiting.ok) throw new Error(waiting.error.message);
  say({ port: waiting.value.port });
}

/** Signs the connection with a key of its own, long enough to travel compressed, and says what came back. */
function askOn(link: Link, fingerprint: string, folder: string): void {
  const key = openAgentKey(folder);
  if (!key.ok) throw new Error(key.error.message);
  const { channelBinding } = link;
  const filler = 'compressed '.repeat(1_000);
  link.onMessage((text) => {
    const answer = JSON.parse(text) as { readonly publicKey: string; readonly signature: string };
    const holdsHere = nodeCryptography.verify(decode(answer.publicKey), channelBinding, decode(answer.signature));
    const isPinned = encode(nodeCryptography.sha256(decode(answer.publicKey))) === fingerprint;
    say({ ...answer, holdsHere, isPinned, versions: process.versions });
    link.dispose();
  });
  const signature = encode(key.value.sign(channelBinding));
  link.send(JSON.stringify({ publicKey: encode(key.value.publicKey), signature, filler }));
}
