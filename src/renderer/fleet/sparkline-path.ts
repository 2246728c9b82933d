/** The last minute of CPU as an SVG path in a 60 × 100 box; a second without a sample breaks the line. Pure. */
export interface SparklinePath {
  readonly line: string;
  readonly area: string;
}

const SLOTS = 60;

/** `ratios` is oldest first; the newest stands at the right edge. */
export function sparklinePath(ratios: readonly (number | null)[]): SparklinePath {
  let line = '';
  let area = '';
  let startX: number | null = null;
  let x = SLOTS - ratios.length;
  for (const ratio of [...ratios, null]) {
    if (ratio === null) {
      if (startX !== null) area += `L${x - 1} 100L${startX} 100Z`;
      startX = null;
    } else {
      const point = `${x} ${Math.round(100 - Math.min(1, Math.max(0, ratio)) * 100)}`;
      line += startX === null ? `M${point}` : `L${point}`;
      area += startX === null ? `M${x} 100L${point}` : `L${point}`;
      startX ??= x;
    }
    x += 1;
  }
  return { line, area };
}
