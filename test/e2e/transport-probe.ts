/** One end of a link, as a process: `server FOLDER` or `client PORT FINGERPRINT`. What it sees, it says as lines of JSON. */
import { openAgentKey } from '../../src/node/transport/agent-key.ts';
import { connectLink } from '../../src/node/transport/client.ts';
import { nodeCryptography } from '../../src/node/transport/cryptography.ts';
import { openIdentity } from '../../src/node/transport/identity.ts';
import { listenForLinks } from '../../src/node/transport/server.ts';

const [role, place = '', fingerprint = '', folder = ''] = process.argv.slice(2);
const encode = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const decode = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
const say = (about: object) => process.stdout.write(`${JSON.stringify(about)}\n`);

if (role === 'server') await serve();
else await dial();

/** Answers each message with whether its signature holds, and its own signature over the connection. */
async function serve(): Promise<void> {
  const identity = await openIdentity(place);
  if (!identity.ok) throw new Error(identity.error.message);
  const listener = await listenForLinks({
    identity: identity.value,
    address: '127.0.0.1',
    port: 0,
    agentFile: async () => new TextEncoder().encode('// the agent\n'),
    onLink: (link) => {
      link.onMessage((text) => {
        const said = JSON.parse(text) as {
          readonly publicKey: string;
          readonly signature: string;
          readonly filler: string;
        };
        const holds = nodeCryptography.verify(decode(said.publicKey), link.channelBinding, decode(said.signature));
        const { publicKey, sign } = identity.value.key;
        const signature = encode(sign(link.channelBinding));
        link.send(JSON.stringify({ holds, publicKey: encode(publicKey), signature, fillerLength: said.filler.length }));
      });
    },
  });
  if (!listener.ok) throw new Error(listener.error.message);
  say({ port: listener.value.port, fingerprint: encode(identity.value.fingerprint), versions: process.versions });
}

/** Signs the connection with a key of its own, long enough to travel compressed, and says what came back. */
async function dial(): Promise<void> {
  const options = {
    addresses: ['127.0.0.1'],
    port: Number(place),
    fingerprint: decode(fingerprint),
    timeoutMs: 30_000,
  };
  const link = await connectLink(options);
  if (!link.ok) {
    say({ failure: link.error.code, versions: process.versions });
    return;
  }
  const key = openAgentKey(folder);
  if (!key.ok) throw new Error(key.error.message);
  const { channelBinding } = link.value;
  const filler = 'compressed '.repeat(1_000);
  link.value.onMessage((text) => {
    const answer = JSON.parse(text) as { readonly publicKey: string; readonly signature: string };
    const holdsHere = nodeCryptography.verify(decode(answer.publicKey), channelBinding, decode(answer.signature));
    const isPinned = encode(nodeCryptography.sha256(decode(answer.publicKey))) === fingerprint;
    say({ ...answer, holdsHere, isPinned, versions: process.versions });
    link.value.dispose();
  });
  const signature = encode(key.value.sign(channelBinding));
  link.value.send(JSON.stringify({ publicKey: encode(key.value.publicKey), signature, filler }));
}
