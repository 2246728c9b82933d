/** The agent's own key, by which a coordinator knows it again. */
import { join } from 'node:path';
import { ok, type Result } from '../../core/result.ts';
import type { SigningKey } from '../../engine/ports.ts';
import { signingKeyOf } from './cryptography.ts';
import { openKeyFile } from './key-file.ts';

const KEY_FILE = 'agent-key.pem';

/** Ed25519, in `agent-key.pem`, made on first use in a folder that is there. Fails as `openKeyFile` does. */
export function openAgentKey(folder: string): Result<SigningKey> {
  const key = openKeyFile({
    path: join(folder, KEY_FILE),
    kind: 'ed25519',
    wayOut: 'Bring it back from a backup, or remove it and join again with a new code.',
  });
  return key.ok ? ok(signingKeyOf(key.value)) : key;
}
