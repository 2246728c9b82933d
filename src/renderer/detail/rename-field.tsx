/** The name of a worker while it is being written, in the place of the name. */
import { useEffect, useId, useRef, useState } from 'react';
import type { WorkerId } from '../../core/fleet/worker.ts';
import { call } from '../api.ts';

interface Props {
  readonly workerId: WorkerId;
  readonly name: string;
  readonly onEnd: () => void;
  /** Takes the focus afterwards when what had it before is gone. */
  readonly nextFocus: () => HTMLElement | null;
}

/** Enter and leaving the field apply, Escape does not. A refused name stays in the field with the reason. */
export function RenameField({ workerId, name, onEnd, nextFocus }: Props) {
  const [draft, setDraft] = useState(name);
  const [failure, setFailure] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  /** While the answer is awaited, and once the field is done: what removes it also takes its focus. */
  const isSettled = useRef(false);
  const id = useId();
  const before = useFocusBefore(field, nextFocus);

  const end = () => {
    isSettled.current = true;
    const hadFocus = document.activeElement === field.current;
    onEnd();
    if (hadFocus) before();
  };
  const save = async () => {
    if (isSettled.current) return;
    if (draft.trim() === name) {
      end();
      return;
    }
    isSettled.current = true;
    const answer = await call('worker:rename', workerId, draft);
    isSettled.current = answer.ok;
    if (answer.ok) end();
    else setFailure(answer.error.message);
  };

  return (
    // Still the heading of the page.
    <h2 className="rename">
      <input
        ref={field}
        className="field"
        type="text"
        value={draft}
        aria-label={`New name for ${name}`}
        aria-invalid={failure !== null}
        aria-describedby={failure === null ? undefined : id}
        onChange={(event) => {
          setDraft(event.target.value);
          setFailure(null);
        }}
        onBlur={() => void save()}
        onKeyDown={(event) => {
          if (event.key === 'Enter') void save();
          if (event.key !== 'Escape') return;
          event.stopPropagation();
          end();
        }}
      />
      {failure === null ? null : (
        <span id={id} className="rename-failure" role="alert">
          {failure}
        </span>
      )}
    </h2>
  );
}

/** Takes the focus and selects all; the returned function gives it back. */
function useFocusBefore(field: React.RefObject<HTMLInputElement | null>, next: () => HTMLElement | null): () => void {
  const had = useRef<Element | null>(null);
  useEffect(() => {
    had.current = document.activeElement;
    field.current?.focus();
    field.current?.select();
  }, [field]);
  return () => {
    const element = had.current;
    // After the name stands again, and with it the button beside it.
    requestAnimationFrame(() => {
      if (element instanceof HTMLElement && element !== document.body && element.isConnected) element.focus();
      else next()?.focus();
    });
  };
}
