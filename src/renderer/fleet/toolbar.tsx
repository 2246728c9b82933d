/** Above the grid: which workers, and how large their tiles. */
import { Grid2x2, Grid3x3, type LucideIcon, Search } from 'lucide-react';
import type { RefObject } from 'react';
import { AddWorkerButton } from '../add-worker/add-worker-buttons.tsx';
import { useStore } from '../state/store.ts';
import { changeUi, type Density, ui } from '../state/ui.ts';
import { Segmented } from '../ui/segmented.tsx';
import type { FleetCounts, StateFilter } from './fleet-filter.ts';

interface Props {
  readonly counts: FleetCounts;
  readonly state: StateFilter;
  readonly text: string;
  readonly searchField: RefObject<HTMLInputElement | null>;
  readonly onState: (state: StateFilter) => void;
  readonly onText: (text: string) => void;
}

const DENSITIES: readonly { readonly value: Density; readonly title: React.ReactNode; readonly hint: string }[] = [
  { value: 'comfortable', title: <DensityTitle Icon={Grid2x2} title="Comfortable" />, hint: 'Comfortable tiles' },
  { value: 'compact', title: <DensityTitle Icon={Grid3x3} title="Compact" />, hint: 'Compact tiles' },
];

export function Toolbar({ counts, state, text, searchField, onState, onText }: Props) {
  const density = useStore(ui, ({ density }) => density);
  const away = counts.all - counts.online;
  const filters: { value: StateFilter; title: string }[] = [
    { value: 'all', title: `All ${counts.all}` },
    { value: 'online', title: `Online ${counts.online}` },
  ];
  if (counts.busy > 0 || state === 'busy') filters.push({ value: 'busy', title: `Busy ${counts.busy}` });
  if (away > 0 || state === 'away') filters.push({ value: 'away', title: `Not reporting ${away}` });
  if (counts.gpu > 0 || state === 'gpu') filters.push({ value: 'gpu', title: `GPU ${counts.gpu}` });
  return (
    <div className="toolbar">
      <Segmented label="Filter by state" options={filters} value={state} onChange={onState} />
      <label className="filter-field">
        <Search size={14} aria-hidden="true" />
        <span className="visually-hidden">Filter by name, label or capability</span>
        <input
          ref={searchField}
          className="field"
          type="text"
          placeholder="Name, label, gpu …  /"
          title="Words that all must fit: part of a name, a label such as rack=b, a capability such as gpu.compute>=8.6"
          value={text}
          onChange={(event) => onText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return;
            event.stopPropagation();
            onText('');
            event.currentTarget.blur();
          }}
        />
      </label>
      <span className="toolbar-gap" />
      <Segmented
        label="Tile size"
        options={DENSITIES}
        value={density}
        onChange={(next) => changeUi({ density: next })}
      />
      <AddWorkerButton />
    </div>
  );
}

/** The word, or where the grid is narrow its icon; the word stays for those who cannot see it. */
function DensityTitle({ Icon, title }: { readonly Icon: LucideIcon; readonly title: string }) {
  return (
    <>
      <Icon className="density-icon" size={14} aria-hidden="true" />
      <span className="density-word">{title}</span>
    </>
  );
}
