/** The left rail: one icon a view, its name on hover and for the keyboard. */
import { Activity } from 'lucide-react';
import { useStore } from '../state/store.ts';
import { changeUi, ui } from '../state/ui.ts';
import { VIEWS, type ViewEntry, viewOf } from './views.ts';

export function Rail() {
  return (
    <nav className="rail" aria-label="Views">
      <span className="rail-logo">
        <Activity size={18} aria-hidden="true" />
      </span>
      {VIEWS.map((view, index) =>
        view.place === 'top' ? <RailButton key={view.id} view={view} number={index + 1} /> : null,
      )}
      <span className="rail-gap" />
      {VIEWS.map((view, index) =>
        view.place === 'bottom' ? <RailButton key={view.id} view={view} number={index + 1} /> : null,
      )}
    </nav>
  );
}

function RailButton({ view, number }: { readonly view: ViewEntry; readonly number: number }) {
  const isCurrent = useStore(ui, (state) => viewOf(state.view) === view);
  return (
    <button
      type="button"
      className="rail-button"
      aria-keyshortcuts={String(number)}
      aria-label={`${view.title} ${number}`}
      aria-current={isCurrent ? 'page' : undefined}
      onClick={() => changeUi({ view: view.id })}
    >
      <view.Icon size={18} aria-hidden="true" />
      <span className="rail-label" aria-hidden="true">
        {view.title} <kbd>{number}</kbd>
      </span>
    </button>
  );
}
