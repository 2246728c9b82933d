/** The views of the window: rail, number keys and palette all read this list, so a new view is one entry here. */
import { ChartGantt, LayoutGrid, ListChecks, type LucideIcon, Settings } from 'lucide-react';
import { type ComponentType, lazy } from 'react';
import { FleetView } from '../fleet/fleet-view.tsx';

export interface ViewEntry {
  readonly id: string;
  readonly title: string;
  readonly Icon: LucideIcon;
  readonly place: 'top' | 'bottom';
  /** Shows something over time, so the top bar offers the range. */
  readonly hasTimeRange: boolean;
  readonly View: ComponentType;
}

const TasksView = lazy(() => import('../tasks/tasks-view.tsx').then((module) => ({ default: module.TasksView })));
const TimelineView = lazy(() =>
  import('../timeline/timeline-view.tsx').then((module) => ({ default: module.TimelineView })),
);
const SettingsView = lazy(() =>
  import('../settings/settings-view.tsx').then((module) => ({ default: module.SettingsView })),
);

const FLEET: ViewEntry = {
  id: 'fleet',
  title: 'Fleet',
  Icon: LayoutGrid,
  place: 'top',
  hasTimeRange: true,
  View: FleetView,
};

export const VIEWS: readonly ViewEntry[] = [
  FLEET,
  { id: 'timeline', title: 'Timeline', Icon: ChartGantt, place: 'top', hasTimeRange: true, View: TimelineView },
  { id: 'tasks', title: 'Tasks', Icon: ListChecks, place: 'top', hasTimeRange: false, View: TasksView },
  { id: 'settings', title: 'Settings', Icon: Settings, place: 'bottom', hasTimeRange: false, View: SettingsView },
];

/** The entry of a remembered id; the first view where that no longer exists. */
export function viewOf(id: string): ViewEntry {
  return VIEWS.find((view) => view.id === id) ?? FLEET;
}
