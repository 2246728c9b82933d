/** What this worker can do, by the names that plans and the fleet's filter ask for. */
import type { WorkerId } from '../../core/fleet/worker.ts';
import { useWorkerPart } from '../state/fleet.ts';

export function CapabilitiesSection({ workerId }: { readonly workerId: WorkerId }) {
  // As one text: a new list comes with every patch, and almost always says the same.
  const text = useWorkerPart(workerId, ({ capabilities }) => capabilities.join('\n')) ?? '';
  const capabilities = text.split('\n').filter(Boolean);
  return (
    <section className="capabilities" aria-label="Capabilities">
      <header className="section-head">
        <h2>Capabilities</h2>
      </header>
      {capabilities.length === 0 ? (
        <p className="detail-note">Not known before the hardware was read.</p>
      ) : (
        <ul className="tags selectable">
          {capabilities.map((capability) => (
            <li key={capability} className="tag">
              {capability}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
