/**
 * The bytes that each side signs. They name the role, this very connection, both nonces and the coordinator's key, so
 * that a signature is worth nothing in another role, on another connection, or towards another coordinator.
 */
export type TranscriptRole = 'coordinator' | 'worker' | 'coordinator-code' | 'worker-code';

export interface TranscriptParts {
  /** From the link: the TLS exporter's 32 bytes. */
  readonly channelBinding: Uint8Array;
  readonly agentNonce: Uint8Array;
  readonly coordinatorNonce: Uint8Array;
  /** SHA-256 of the coordinator's public key (SPKI, DER). */
  readonly coordinatorFingerprint: Uint8Array;
  /** SHA-256 of the agent's public key; absent in what the coordinator signs before it knows the agent. */
  readonly agentFingerprint: Uint8Array | null;
}

/** Label for the TLS exporter (RFC 5705). */
export const EXPORTER_LABEL = 'EXPORTER-labwatch-1';

/** `"labwatch 1 ROLE\0"`, then each part after its length as one byte; an absent part has length 0. */
export function transcriptBytes(role: TranscriptRole, parts: TranscriptParts): Uint8Array {
  const label = new TextEncoder().encode(`labwatch 1 ${role}\0`);
  const fields = [
    parts.channelBinding,
    parts.agentNonce,
    parts.coordinatorNonce,
    parts.coordinatorFingerprint,
    parts.agentFingerprint ?? new Uint8Array(0),
  ];
  const length = fields.reduce((sum, field) => sum + 1 + field.length, label.length);
  const bytes = new Uint8Array(length);
  bytes.set(label);
  let at = label.length;
  for (const field of fields) {
    if (field.length > 255) throw new Error('A part of the transcript is longer than 255 bytes.');
    bytes[at] = field.length;
    bytes.set(field, at + 1);
    at += 1 + field.length;
  }
  return bytes;
}
