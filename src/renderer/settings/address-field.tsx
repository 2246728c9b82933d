/** The address workers come in at, chosen among those this machine has. */
import { ChevronDown } from 'lucide-react';
import type { ListenerView } from '../../core/fleet/listener.ts';
import { type ReachOption, reachOptions } from '../add-worker/reach-options.ts';
import { useListener } from '../state/listener.ts';

interface Props {
  readonly address: string;
  readonly labelledBy: string;
  readonly describedBy: string;
  readonly onChange: (address: string) => void;
}

export function AddressField({ address, labelledBy, describedBy, onChange }: Props) {
  const { state } = useListener();
  const options = optionsFor(address, state.status === 'ready' ? state.listener : null);
  return (
    <span className="select-field">
      <select
        className="field"
        value={address}
        aria-labelledby={labelledBy}
        aria-describedby={describedBy}
        onChange={(event) => onChange(event.target.value)}
      >
        {options.map((option) => (
          <option key={option.address} value={option.address}>
            {option.title} ({option.address})
          </option>
        ))}
      </select>
      <ChevronDown size={14} aria-hidden="true" />
    </span>
  );
}

/** While the interfaces are not known: what is set, and what every machine has. */
function optionsFor(address: string, listener: ListenerView | null): readonly ReachOption[] {
  return reachOptions({ address, interfaces: listener?.interfaces ?? [] });
}
