/** Tags that people set on workers: `rack=b`. Plans ask for them, and the fleet is filtered by them. */
import { fail, ok, type Result } from '../result.ts';

/** In the order of their keys. */
export type Labels = Readonly<Record<string, string>>;

/** A null value takes the label away. */
export interface LabelChange {
  readonly key: string;
  readonly value: string | null;
}

export const MOST_LABELS = 32;
const MOST_CHARACTERS = 64;
/** Of a label. */
export const LABEL_KEY = /^[a-z0-9](?:[a-z0-9._/-]*[a-z0-9])?$/;
/** As in a worker's name: nothing that moves the cursor, breaks the line or reorders text. */
const UNWELCOME = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** `key=value` sets a label, `key-` takes it away. */
export function parseLabelChange(text: string): Result<LabelChange> {
  const place = text.indexOf('=');
  if (place >= 0) return checkLabelChange({ key: text.slice(0, place), value: text.slice(place + 1) });
  if (text.endsWith('-')) return checkLabelChange({ key: text.slice(0, -1), value: null });
  return fail(
    'invalid-argument',
    `“${shortened(text)}” is no label. Write key=value to set one, or key- to remove it.`,
  );
}

/** Trimmed and in Unicode's composed form. */
function checkLabelChange(change: LabelChange): Result<LabelChange> {
  const key = change.key.trim();
  if (key.length > MOST_CHARACTERS || !LABEL_KEY.test(key)) {
    return fail(
      'invalid-argument',
      `A label’s key has 1 to ${MOST_CHARACTERS} small letters, digits, and . _ / - between them; “${shortened(key)}” is none.`,
    );
  }
  if (change.value === null) return ok({ key, value: null });
  const value = change.value.normalize('NFC').trim();
  if (value === '') return fail('invalid-argument', `The label ${key} needs a value, as in ${key}=yes.`);
  if ([...value].length > MOST_CHARACTERS || UNWELCOME.test(value)) {
    return fail(
      'invalid-argument',
      `The value of ${key} is one line of at most ${MOST_CHARACTERS} characters, without control characters.`,
    );
  }
  return ok({ key, value });
}

/** The labels after the changes, or the rule that they break. Removing what is not there is no failure. */
export function changeLabels(labels: Labels, changes: readonly LabelChange[]): Result<Labels> {
  const changed = new Map(Object.entries(labels));
  for (const change of changes) {
    const checked = checkLabelChange(change);
    if (!checked.ok) return checked;
    const { key, value } = checked.value;
    if (value === null) changed.delete(key);
    else changed.set(key, value);
  }
  return changed.size <= MOST_LABELS
    ? ok(labelsFrom(changed))
    : fail('invalid-argument', `A worker has at most ${MOST_LABELS} labels. Remove some first.`);
}

export function labelsFrom(entries: Iterable<readonly [key: string, value: string]>): Labels {
  return Object.fromEntries([...entries].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** `rack=b` each. */
export function labelTexts(labels: Labels): readonly string[] {
  return Object.entries(labels).map(([key, value]) => `${key}=${value}`);
}

function shortened(text: string): string {
  const characters = [...text];
  return characters.length <= 40 ? text : `${characters.slice(0, 40).join('')}…`;
}
