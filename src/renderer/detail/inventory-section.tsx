/** What the machine is made of, and when that was read. */
import { RefreshCw } from 'lucide-react';
import type { Inventory } from '../../core/fleet/inventory.ts';
import { formatBytes, formatGigabytes, formatValue, NO_VALUE } from '../../core/metrics/format.ts';
import { momentWithZone, momentWords } from '../ui/time-words.ts';

interface Props {
  readonly inventory: Inventory | null;
  readonly failure: string | null;
  readonly onRefresh: () => void;
}

export function InventorySection({ inventory, failure, onRefresh }: Props) {
  return (
    <section className="inventory" aria-label="Hardware">
      <header className="section-head">
        <h2>Hardware</h2>
        {inventory === null ? null : (
          <span className="muted" title={momentWithZone(inventory.atMs)}>
            read {momentWords(inventory.atMs, Date.now())}
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

function factsOf(inventory: Inventory): readonly (readonly [title: string, values: readonly string[]])[] {
  const { os, machine, cpu, gpus, disks, nics } = inventory;
  const isVirtual = machine.isVirtual === true ? 'virtual' : null;
  const facts: [string, string[]][] = [
    ['Machine', [joined([machine.manufacturer, machine.model, isVirtual])]],
    ['System', [joined([`${os.distribution} ${os.release}`, os.kernel, os.arch])]],
    [
      'CPU',
      [joined([cpu.model, coreWords(cpu), cpu.maxFrequencyHz && `up to ${formatValue('Hz', cpu.maxFrequencyHz)}`])],
    ],
    [
      'Memory',
      [joined([formatBytes(inventory.memoryBytes), inventory.swapBytes && `swap ${formatBytes(inventory.swapBytes)}`])],
    ],
    [
      'GPU',
      gpus.map((gpu) =>
        joined([gpu.model, gpu.memoryBytes && formatBytes(gpu.memoryBytes), gpu.driver && `driver ${gpu.driver}`]),
      ),
    ],
    [
      'Disk',
      disks.map((disk) =>
        joined([disk.device, disk.model, kindWords(disk.kind), disk.sizeBytes && formatGigabytes(disk.sizeBytes)]),
      ),
    ],
    [
      'Network',
      nics.map((nic) =>
        joined([nic.name, nic.macAddress, nic.speedBitsPerSecond && speedWords(nic.speedBitsPerSecond)]),
      ),
    ],
  ];
  return facts
    .map(([title, values]) => [title, counted(values.filter((value) => value !== ''))] as const)
    .filter(([, values]) => values.length > 0);
}

function joined(parts: readonly (string | number | null)[]): string {
  return parts.filter((part) => part !== null && part !== 0 && part !== '' && part !== NO_VALUE).join(' · ');
}

function coreWords({ physicalCores, logicalCores }: Inventory['cpu']): string {
  return physicalCores === null ? `${logicalCores} threads` : `${physicalCores} cores, ${logicalCores} threads`;
}

function kindWords(kind: Inventory['disks'][number]['kind']): string | null {
  return kind === 'unknown' ? null : kind === 'virtual' ? 'virtual' : kind.toUpperCase();
}

function speedWords(bitsPerSecond: number): string {
  return bitsPerSecond >= 1e9 ? `${bitsPerSecond / 1e9}\u00a0Gbit/s` : `${bitsPerSecond / 1e6}\u00a0Mbit/s`;
}

/** Equal parts in one line: `2× NVIDIA GeForce RTX 4090 · 24 GiB`. */
function counted(values: readonly string[]): readonly string[] {
  return [...new Set(values)].map((value) => {
    const count = values.filter((other) => other === value).length;
    return count > 1 ? `${count}× ${value}` : value;
  });
}
