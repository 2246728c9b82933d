/** The timeline's colours for its canvas, read from the tokens once a theme. */
import { themeName } from '../state/settings.ts';
import type { BarLook } from './bars.ts';

export interface BarColours {
  readonly fill: string;
  readonly text: string;
  readonly quiet: string;
  /** Null: none. */
  readonly edge: string | null;
}

export interface TimelineColours {
  readonly line: string;
  readonly grid: string;
  readonly axis: string;
  readonly text: string;
  readonly muted: string;
  readonly warning: string;
  readonly focus: string;
  readonly hover: string;
  /** Of what is drawn as one piece and differs. */
  readonly mixed: BarColours;
  readonly done: readonly BarColours[];
  readonly looks: Readonly<Record<Exclude<BarLook, 'done'>, BarColours>>;
  readonly bad: string;
  readonly dash: string;
}

let known: TimelineColours | undefined;
let knownTheme: string | undefined;

export function timelineColours(): TimelineColours {
  if (known !== undefined && knownTheme === themeName.get()) return known;
  const probe = document.createElement('span');
  document.body.append(probe);
  const read = (colour: string) => {
    probe.style.color = colour;
    return getComputedStyle(probe).color;
  };
  const token = (name: string) => read(`var(--${name})`);
  const tint = (name: string) => read(`color-mix(in srgb, var(--${name}) var(--bar-tint), var(--background))`);
  const text = token('text');
  const quiet = token('bar-quiet');
  const tinted = (name: string): BarColours => ({ fill: tint(name), text, quiet, edge: null });
  known = {
    line: token('line'),
    grid: token('chart-grid'),
    axis: token('chart-axis'),
    text,
    muted: token('muted'),
    warning: token('warning'),
    focus: token('focus-ring'),
    hover: token('hover'),
    mixed: tinted('stale'),
    done: [1, 2, 3, 4, 5, 6, 7, 8].map((number) => tinted(`series-${number}`)),
    looks: {
      running: { fill: token('busy'), text: token('on-busy'), quiet: token('on-busy'), edge: null },
      coming: { fill: token('background'), text, quiet: token('muted'), edge: token('busy') },
      failed: {
        fill: read('color-mix(in srgb, var(--critical) var(--bar-bad), var(--background))'),
        text,
        quiet,
        edge: null,
      },
      stopped: {
        fill: token('background'),
        text: token('muted'),
        quiet: token('muted'),
        edge: read('color-mix(in srgb, var(--muted) 55%, var(--background))'),
      },
      lost: { fill: token('background'), text, quiet: token('muted'), edge: token('warning') },
    },
    bad: token('critical'),
    dash: read('color-mix(in srgb, var(--text) 72%, var(--background))'),
  };
  knownTheme = themeName.get();
  probe.remove();
  return known;
}
