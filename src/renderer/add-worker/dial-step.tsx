/** The other way in, for labs where only this desk can reach the machine: it waits and shows a code, and is dialled from here. */
import { useEffect, useRef, useState } from 'react';
import type { WorkerId } from '../../core/fleet/worker.ts';
import { call } from '../api.ts';
import { CommandLine } from '../ui/command-line.tsx';

interface Props {
  readonly onBack: () => void;
  /** It is a worker now. */
  readonly onOpen: (workerId: WorkerId) => void;
}

export function DialStep({ onBack, onOpen }: Props) {
  const [code, setCode] = useState('');
  const [failure, setFailure] = useState<string | null>(null);
  const [isDialling, setIsDialling] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);

  const dial = async () => {
    setFailure(null);
    setIsDialling(true);
    const answer = await call('workers:dial', code.trim());
    setIsDialling(false);
    if (answer.ok) return onOpen(answer.value);
    setFailure(answer.error.message);
    field.current?.focus();
  };

  return (
    <form
      className="dialog-body"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isDialling && code.trim() !== '') void dial();
      }}
    >
      <p>Run this on the other machine, and bring here the code that it shows. Then this machine connects to it.</p>
      <CommandLine command="labwatch worker listen --address 0.0.0.0" label="Copy the command" />
      <p className="dialog-note">Add --run-tasks if tasks may run there; otherwise it is only watched.</p>
      <label className="dial-code">
        <span>Code</span>
        <input
          ref={field}
          className="field mono"
          value={code}
          placeholder="LWL1-…"
          spellCheck={false}
          autoComplete="off"
          aria-invalid={failure !== null}
          onChange={(event) => setCode(event.target.value)}
        />
      </label>
      {failure === null ? null : (
        <p className="dialog-failure selectable" role="alert">
          {failure}
        </p>
      )}
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onBack}>
          Back
        </button>
        <button type="submit" className="button primary" disabled={isDialling || code.trim() === ''}>
          {isDialling ? 'Connecting …' : 'Connect'}
        </button>
      </div>
    </form>
  );
}

/** The way to this step from the others. */
export function DialLink({ onDial }: { readonly onDial: () => void }) {
  return (
    <p className="dialog-note">
      The other machine cannot reach this one?{' '}
      <button type="button" className="link" onClick={onDial}>
        Connect from here
      </button>
    </p>
  );
}
