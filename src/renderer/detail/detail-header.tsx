/** Name, state and make of the open worker. */
import { Maximize2, Minimize2, Pencil, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { SIMULATED } from '../../core/fleet/capabilities.ts';
import type { Inventory } from '../../core/fleet/inventory.ts';
import type { WorkerId } from '../../core/fleet/worker.ts';
import { formatBytes } from '../../core/metrics/format.ts';
import { stateMark, stateWords } from '../fleet/worker-state.ts';
import { onBeat } from '../state/beat.ts';
import { fleet, useWorkerPart, workerOf } from '../state/fleet.ts';
import { useStore } from '../state/store.ts';
import { changeUi, ui } from '../state/ui.ts';
import { StateMark } from '../ui/state-mark.tsx';
import { RenameField } from './rename-field.tsx';
import { renamedWorkerId } from './worker-actions.ts';

interface Props {
  readonly workerId: WorkerId;
  readonly inventory: Inventory | null;
  readonly canWiden: boolean;
  readonly onClose: () => void;
}

export function DetailHeader({ workerId, inventory, canWiden, onClose }: Props) {
  const name = useWorkerPart(workerId, (worker) => worker.name) ?? '';
  const mark = useWorkerPart(workerId, stateMark) ?? 'unknown';
  const isSimulated = useWorkerPart(workerId, ({ capabilities }) => capabilities.includes(SIMULATED)) ?? false;
  const isWide = useStore(ui, (state) => state.isDetailWide);
  return (
    <header className="detail-header">
      <div className="detail-title">
        <StateMark mark={mark} />
        <Name workerId={workerId} name={name} />
        <StateWords workerId={workerId} mark={mark} />
        {isSimulated ? (
          <span className="chip" title="A profile makes up part of this machine; the hardware below says which.">
            simulated
          </span>
        ) : null}
        {canWiden ? (
          <button
            type="button"
            className="icon-button"
            aria-label={isWide ? 'Show beside the grid' : 'Give the charts the room'}
            title={isWide ? 'Show beside the grid' : 'Give the charts the room'}
            onClick={() => changeUi({ isDetailWide: !isWide })}
          >
            {isWide ? <Minimize2 size={14} aria-hidden="true" /> : <Maximize2 size={14} aria-hidden="true" />}
          </button>
        ) : null}
        <button type="button" className="icon-button" aria-label="Close" title="Close (Esc)" onClick={onClose}>
          <X size={16} aria-hidden="true" />
        </button>
      </div>
      <p className="detail-make" title={inventory === null ? undefined : inventoryLine(inventory)}>
        {inventory === null ? 'Hardware not read yet' : inventoryLine(inventory)}
      </p>
    </header>
  );
}

/** The name, and the way to change it: the pencil, F2, the palette. */
function Name({ workerId, name }: { readonly workerId: WorkerId; readonly name: string }) {
  const isRenaming = useStore(renamedWorkerId, (renamed) => renamed === workerId);
  const pencil = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'F2' || document.querySelector('dialog[open]') !== null) return;
      event.preventDefault();
      renamedWorkerId.set(workerId);
    };
    window.addEventListener('keydown', onKey);
    return () => {
      window.removeEventListener('keydown', onKey);
      if (renamedWorkerId.get() === workerId) renamedWorkerId.set(null);
    };
  }, [workerId]);
  if (isRenaming) {
    return (
      <RenameField
        workerId={workerId}
        name={name}
        onEnd={() => renamedWorkerId.set(null)}
        nextFocus={() => pencil.current}
      />
    );
  }
  return (
    <>
      <h2 title={name}>{name}</h2>
      <button
        ref={pencil}
        type="button"
        className="icon-button small"
        aria-label={`Rename ${name}`}
        title="Rename (F2)"
        onClick={() => renamedWorkerId.set(workerId)}
      >
        <Pencil size={12} aria-hidden="true" />
      </button>
    </>
  );
}

/** The age of a stale state counts on without rendering the header. */
function StateWords({ workerId, mark }: { readonly workerId: WorkerId; readonly mark: string }) {
  const element = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const paint = (nowMs: number) => {
      const worker = workerOf(fleet.get(), workerId);
      const text = worker === undefined ? '' : stateWords(worker, nowMs);
      if (element.current !== null && element.current.textContent !== text) element.current.textContent = text;
    };
    paint(Date.now());
    return onBeat(paint);
  }, [workerId]);
  return <span ref={element} className={`detail-state words-${mark}`} />;
}

/** `AMD Ryzen 9 5950X · 32 threads · 64 GiB · RTX 3080 · Debian GNU/Linux 12`. */
function inventoryLine({ cpu, memoryBytes, gpus, os }: Inventory): string {
  const counted = new Map<string, number>();
  for (const { model } of gpus) {
    const short = model.replace(/^(NVIDIA|AMD|Intel)( GeForce| Corporation)? /, '');
    counted.set(short, (counted.get(short) ?? 0) + 1);
  }
  const gpuWords = [...counted].map(([model, count]) => (count > 1 ? `${count}× ${model}` : model));
  const parts = [
    cpu.model,
    `${cpu.logicalCores} ${cpu.logicalCores === 1 ? 'thread' : 'threads'}`,
    formatBytes(memoryBytes),
    ...gpuWords,
    `${os.distribution} ${os.release}`,
  ];
  return parts.filter((text) => text.trim() !== '').join(' · ');
}
