/** What people say of this worker: labels, and what it costs an hour. */
import { X } from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import { type LabelChange, labelTexts, parseLabelChange } from '../../core/fleet/labels.ts';
import { parsePrice } from '../../core/fleet/price.ts';
import type { WorkerId } from '../../core/fleet/worker.ts';
import { call } from '../api.ts';
import { useWorkerPart } from '../state/fleet.ts';

export function ProfileSection({ workerId }: { readonly workerId: WorkerId }) {
  const price = useWorkerPart(workerId, ({ pricePerHour }) => pricePerHour);
  return (
    <section className="profile" aria-label="Labels and price">
      <header className="section-head">
        <h2>Labels and price</h2>
      </header>
      <Labels workerId={workerId} />
      <Price key={String(price)} workerId={workerId} price={price} />
    </section>
  );
}

function Labels({ workerId }: { readonly workerId: WorkerId }) {
  // As one text: a new object comes with every patch. No label holds a line break.
  const text = useWorkerPart(workerId, ({ labels }) => labelTexts(labels).join('\n')) ?? '';
  const labels = text.split('\n').filter(Boolean);
  const [draft, setDraft] = useState('');
  const [failure, setFailure] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);

  const change = async (wish: LabelChange) => {
    const answer = await call('worker:label', workerId, [wish]);
    setFailure(answer.ok ? null : answer.error.message);
    return answer.ok;
  };
  const add = async () => {
    const wish = parseLabelChange(draft.trim());
    if (!wish.ok) setFailure(wish.error.message);
    else if (await change(wish.value)) setDraft('');
  };
  const remove = (label: string) => {
    void change({ key: label.slice(0, label.indexOf('=')), value: null });
    // The button goes with its label.
    field.current?.focus();
  };

  return (
    <>
      {labels.length === 0 ? null : (
        <ul className="tags" aria-label="Labels">
          {labels.map((label) => (
            <li key={label} className="tag tag-label">
              <span className="selectable">{label}</span>
              <button type="button" aria-label={`Remove label ${label}`} title="Remove" onClick={() => remove(label)}>
                <X size={11} aria-hidden="true" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <ProfileLine
        field={field}
        name="New label"
        placeholder="rack=b"
        draft={draft}
        failure={failure}
        onType={(typed) => {
          setDraft(typed);
          setFailure(null);
        }}
        onApply={() => void add()}
      >
        <button type="submit" className="button small" disabled={draft.trim() === ''}>
          Add label
        </button>
      </ProfileLine>
    </>
  );
}

/** Enter and leaving the field apply, Escape does not. */
function Price({ workerId, price }: { readonly workerId: WorkerId; readonly price: number | null }) {
  const said = price === null ? '' : String(price);
  const [draft, setDraft] = useState(said);
  /** What was applied last: the worker itself tells of it with the next beat only. */
  const applied = useRef(said);
  const [failure, setFailure] = useState<string | null>(null);

  useEffect(() => {
    const before = applied.current;
    applied.current = said;
    setDraft((current) => (current.trim() === before ? said : current));
  }, [said]);

  const type = (typed: string) => {
    setDraft(typed);
    setFailure(null);
  };
  const save = async () => {
    const typed = draft.trim();
    if (typed === applied.current) return;
    const wish = parsePrice(typed === '' ? 'none' : typed);
    const answer = wish.ok ? await call('worker:set-price', workerId, wish.value) : wish;
    setFailure(answer.ok ? null : answer.error.message);
    if (answer.ok) applied.current = typed;
  };

  return (
    <ProfileLine
      name="Price per hour"
      placeholder="no price"
      inputMode="decimal"
      draft={draft}
      failure={failure}
      onType={type}
      onApply={() => void save()}
      onBlur={() => void save()}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || draft === applied.current) return;
        event.stopPropagation();
        type(applied.current);
      }}
    >
      <span className="muted" title="One currency for the whole lab, whichever you think in">
        per hour
      </span>
    </ProfileLine>
  );
}

interface ProfileLineProps
  extends Pick<React.ComponentProps<'input'>, 'placeholder' | 'inputMode' | 'onBlur' | 'onKeyDown'> {
  readonly name: string;
  readonly draft: string;
  /** Why what was typed last was refused. */
  readonly failure: string | null;
  readonly field?: React.Ref<HTMLInputElement>;
  readonly onType: (typed: string) => void;
  /** On Enter, or by a button among the children that submits. */
  readonly onApply: () => void;
  /** Beside the field. */
  readonly children: React.ReactNode;
}

function ProfileLine({ name, draft, failure, field, onType, onApply, children, ...input }: ProfileLineProps) {
  const id = useId();
  return (
    <>
      <form
        className="profile-line"
        onSubmit={(event) => {
          event.preventDefault();
          onApply();
        }}
      >
        <input
          {...input}
          ref={field}
          className="field"
          type="text"
          aria-label={name}
          aria-invalid={failure !== null}
          aria-describedby={failure === null ? undefined : id}
          value={draft}
          onChange={(event) => onType(event.target.value)}
        />
        {children}
      </form>
      {failure === null ? null : (
        <p id={id} className="detail-failure" role="alert">
          {failure}
        </p>
      )}
    </>
  );
}
