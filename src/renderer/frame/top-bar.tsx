/** Above every view: its name, the fleet in one line, the time range, and the way to everything else. */
import { ChevronDown, Clock, Search } from 'lucide-react';
import { openPalette } from '../palette/palette-state.ts';
import { useStore } from '../state/store.ts';
import { type RangeId, TIME_RANGES } from '../state/time-range.ts';
import { changeUi, ui } from '../state/ui.ts';
import { FleetLine } from './fleet-line.tsx';
import { viewOf } from './views.ts';

export function TopBar() {
  const view = useStore(ui, (state) => viewOf(state.view));
  return (
    <header className="top-bar">
      <h1>{view.title}</h1>
      <FleetLine />
      <span className="toolbar-gap" />
      <button type="button" className="button search-button" onClick={openPalette}>
        <Search size={14} aria-hidden="true" />
        <span>Search workers, tasks …</span>
        <kbd>Ctrl K</kbd>
      </button>
      {view.hasTimeRange ? <RangePicker /> : null}
    </header>
  );
}

function RangePicker() {
  const range = useStore(ui, (state) => state.range);
  return (
    <label className="range-picker button">
      <Clock size={14} aria-hidden="true" />
      <span className="visually-hidden">Time range</span>
      <select value={range} onChange={(event) => changeUi({ range: event.target.value as RangeId })}>
        {TIME_RANGES.map(({ id, title }) => (
          <option key={id} value={id}>
            Last {title}
          </option>
        ))}
      </select>
      <ChevronDown size={14} aria-hidden="true" />
    </label>
  );
}
