/** Colours for canvases, read from the tokens once a theme. */
import { themeName } from '../state/settings.ts';

export interface ChartColours {
  readonly series: readonly string[];
  readonly grid: string;
  readonly axis: string;
}

const SERIES_TOKENS = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => `--series-${number}`);

let known: ChartColours | undefined;
let knownTheme: string | undefined;

export function chartColours(): ChartColours {
  if (known !== undefined && knownTheme === themeName.get()) return known;
  const probe = document.createElement('span');
  document.body.append(probe);
  const read = (token: string) => {
    probe.style.color = `var(${token})`;
    return getComputedStyle(probe).color;
  };
  known = { series: SERIES_TOKENS.map(read), grid: read('--chart-grid'), axis: read('--chart-axis') };
  knownTheme = themeName.get();
  probe.remove();
  return known;
}
