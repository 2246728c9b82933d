/** The first step: at which address this machine may be reached. Nothing opens to the network but by this choice. */
import { useEffect, useRef, useState } from 'react';
import type { ListenerView } from '../../core/fleet/listener.ts';
import { changeSetting } from '../state/settings.ts';
import { closeAddWorker } from './add-worker-state.ts';
import { DialLink } from './dial-step.tsx';
import { reachOptions } from './reach-options.ts';

interface Props {
  readonly listener: ListenerView;
  readonly onSettled: () => void;
  readonly onDial: () => void;
}

export function ReachStep({ listener, onSettled, onDial }: Props) {
  const [address, setAddress] = useState(listener.address);
  const [failure, setFailure] = useState<string | null>(null);
  const [isSaving, setIsSaving] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector<HTMLElement>('input:checked')?.focus(), []);

  const save = async () => {
    setFailure(null);
    if (address !== listener.address) {
      setIsSaving(true);
      const answer = await changeSetting('listener.address', address);
      setIsSaving(false);
      if (!answer.ok) {
        setFailure(answer.error.message);
        return;
      }
    }
    onSettled();
  };

  return (
    <form
      ref={form}
      className="dialog-body"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isSaving) void save();
      }}
    >
      <p>The other machine connects to this one. At which address may it?</p>
      <fieldset className="reach-list">
        <legend className="visually-hidden">Reachable at</legend>
        {reachOptions(listener).map((option) => (
          <label key={option.address} className="reach-option">
            <input
              type="radio"
              name="reach"
              value={option.address}
              checked={option.address === address}
              onChange={() => setAddress(option.address)}
            />
            <span className="reach-title">{option.title}</span>
            <span className="reach-address mono">{option.address}</span>
            <span className="reach-note">{option.note}</span>
          </label>
        ))}
      </fieldset>
      {listener.interfaces.length === 0 ? (
        <p className="dialog-note">This machine is in no network now. Connect it, and its address appears here.</p>
      ) : null}
      <p className="dialog-note">
        Labwatch listens there on {listener.port === 0 ? 'a free port' : `port ${listener.port}`}, encrypted, and turns
        away whoever has no code. Settings changes it later.
      </p>
      <DialLink onDial={onDial} />
      {failure === null ? null : (
        <p className="dialog-failure" role="alert">
          {failure}
        </p>
      )}
      <div className="dialog-actions">
        <button type="button" className="button" onClick={closeAddWorker}>
          Cancel
        </button>
        <button type="submit" className="button primary" disabled={isSaving}>
          Continue
        </button>
      </div>
    </form>
  );
}
