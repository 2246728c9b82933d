/** What the machine is made of, and when that was read. */
import { RefreshCw } from 'lucide-react';
import { hardwareFingerprint } from '../../core/fleet/hardware-fingerprint.ts';
import type { Inventory } from '../../core/fleet/inventory.ts';
import { type Facts, inventoryFacts } from '../../core/fleet/inventory-facts.ts';
import { momentWithZone, momentWords } from '../ui/time-words.ts';

interface Props {
  readonly inventory: Inventory | null;
  /** When it was last read, which may have told nothing new. */
  readonly readAtMs: number | null;
  readonly failure: string | null;
  readonly onRefresh: () => void;
}

export function InventorySection({ inventory, readAtMs, failure, onRefresh }: Props) {
  return (
    <section className="inventory" aria-label="Hardware">
      <header className="section-head">
        <h2>Hardware</h2>
        {readAtMs === null ? null : (
          <span className="muted" title={momentWithZone(readAtMs)}>
            read {momentWords(readAtMs, Date.now())}
          </span>
        )}
        <button
          type="button"
          className="icon-button small"
          aria-label="Read again"
          title="Read again"
          onClick={onRefresh}
        >
          <RefreshCw size={13} aria-hidden="true" />
        </button>
      </header>
      {failure === null ? null : (
        <p className="detail-failure" role="alert">
          {failure}
        </p>
      )}
      {inventory === null ? (
        failure === null ? (
          <p className="detail-note">The hardware of this machine was not read yet.</p>
        ) : null
      ) : (
        <dl className="facts selectable">
          {factsOf(inventory).map(([title, values]) => (
            <div key={title}>
              <dt>{title}</dt>
              {values.map((value) => (
                <dd key={value}>{value}</dd>
              ))}
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}

function factsOf(inventory: Inventory): Facts {
  return [...inventoryFacts(inventory), ['Identity', [hardwareFingerprint(inventory)]]];
}
