import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { invitationIdOf } from '../../../src/shared/protocol/invitation-id.ts';

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());

test('a code has a name that tells nothing of its secret and is the same each time', () => {
  const secret = new Uint8Array(16).fill(9);
  const digest = createHash('sha256').update('labwatch invitation').update(secret).digest('base64url');
  expect(invitationIdOf(secret, sha256)).toBe(digest.slice(0, 16));
  expect(invitationIdOf(new Uint8Array(16).fill(8), sha256)).not.toBe(digest.slice(0, 16));
});
