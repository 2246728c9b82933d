/** docs/protocol.md says what the code does: limits, messages, codes, and the example to try an agent against. */
import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { toBase64Url } from '../../../src/shared/protocol/base64url.ts';
import { LIMITS, PROTOCOL_VERSION } from '../../../src/shared/protocol/contract.ts';
import { invitationIdOf } from '../../../src/shared/protocol/invitation-id.ts';
import { EXPORTER_LABEL, type TranscriptRole, transcriptBytes } from '../../../src/shared/protocol/transcript.ts';
import { readProjectFile } from '../../support/source.ts';

const document = readProjectFile('docs/protocol.md');
const contract = readProjectFile('src/shared/protocol/contract.ts');
const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());
const filled = (value: number, length = 32) => new Uint8Array(length).fill(value);

function transcript(role: TranscriptRole): Uint8Array {
  return transcriptBytes(role, {
    channelBinding: filled(1),
    agentNonce: filled(2),
    coordinatorNonce: filled(3),
    coordinatorFingerprint: filled(4),
    agentFingerprint: role === 'coordinator' || role === 'coordinator-code' ? null : filled(5),
  });
}

describe('docs/protocol.md', () => {
  test('has the version and the label of the code', () => {
    expect(document).toContain(`Version ${PROTOCOL_VERSION.major}.${PROTOCOL_VERSION.minor}.`);
    expect(document).toContain(`\`${EXPORTER_LABEL}\``);
  });

  test('names every message, every refusal and every request of the contract', () => {
    const kinds = [...contract.matchAll(/readonly kind: '([a-z-]+)'/g)].map(([, kind]) => kind);
    const codes = [...contract.matchAll(/^ {2}\| '([a-z-]+)'/gm)].map(([, code]) => code);
    const methods = [...contract.matchAll(/^ {2}'([a-z-]+)': \{\s+readonly params/gm)].map(([, method]) => method);
    expect([kinds.length > 15, codes.length > 5, methods.length]).toEqual([true, true, 11]);
    expect([...kinds, ...codes, ...methods].filter((word) => !new RegExp(`[\`']${word}[\`']`).test(document))).toEqual(
      [],
    );
  });

  test('has the limits of the code', () => {
    const table = document.slice(document.indexOf('## Limits'), document.indexOf('## Refusals'));
    const numbers = [...table.matchAll(/\d[\d ]*/g)].map(([text]) => Number(text.replaceAll(' ', '')));
    const { handshakeMs, requestMs, ...counts } = LIMITS;
    for (const limit of [...Object.values(counts), handshakeMs / 1_000, requestMs / 1_000]) {
      expect(numbers).toContain(limit);
    }
  });

  test('has an example that comes out as it says', () => {
    for (const role of ['coordinator', 'coordinator-code', 'worker', 'worker-code'] as const) {
      const bytes = transcript(role);
      const digest = Buffer.from(sha256(bytes)).toString('hex');
      expect(document).toContain(
        `| SHA-256 of the transcript for \`${role}\`, ${bytes.length} bytes | \`${digest}\` |`,
      );
    }
    const secret = filled(9, 16);
    const proof = new Uint8Array(createHmac('sha256', secret).update(transcript('worker-code')).digest());
    expect(document).toContain(`| \`codeProof\` | \`${toBase64Url(proof)}\` |`);
    const ours = new Uint8Array(createHmac('sha256', secret).update(transcript('coordinator-code')).digest());
    expect(document).toContain(`| \`codeProof\` of the coordinator | \`${toBase64Url(ours)}\` |`);
    expect(document).toContain(`| \`invitationId\` | \`${invitationIdOf(secret, sha256)}\` |`);
  });
});

describe('the transcript', () => {
  test('is another for another role, connection, meeting, coordinator or agent', () => {
    const parts = {
      channelBinding: filled(1),
      agentNonce: filled(2),
      coordinatorNonce: filled(3),
      coordinatorFingerprint: filled(4),
      agentFingerprint: filled(5),
    };
    const variants = [
      transcriptBytes('worker', parts),
      transcriptBytes('worker-code', parts),
      ...Object.keys(parts).map((part) => transcriptBytes('worker', { ...parts, [part]: filled(7) })),
      transcriptBytes('worker', { ...parts, agentFingerprint: null }),
      transcriptBytes('worker', { ...parts, agentNonce: filled(2, 31), coordinatorNonce: filled(3, 33) }),
    ];
    expect(new Set(variants.map(toBase64Url)).size).toBe(variants.length);
    expect(() => transcriptBytes('worker', { ...parts, agentNonce: filled(1, 256) })).toThrow(/255/);
  });
});
