/** Text on a canvas that ends where its room does, and the marks that stand beside it. */

export const FONT = '11px "Inter Variable", sans-serif';
export const STRONG_FONT = '550 11px "Inter Variable", sans-serif';
const MOST_WIDTHS = 5_000;

const widths = new Map<string, number>();

/** In the font that is set. Measured once; forgotten when there are very many. */
export function textWidth(context: CanvasRenderingContext2D, text: string): number {
  const key = `${context.font}\n${text}`;
  const found = widths.get(key);
  if (found !== undefined) return found;
  if (widths.size >= MOST_WIDTHS) widths.clear();
  const { width } = context.measureText(text);
  widths.set(key, width);
  return width;
}

/** The text, or as much of its beginning as fits with `…`; empty where not even two letters do. */
export function fitting(context: CanvasRenderingContext2D, text: string, room: number): string {
  const width = textWidth(context, text);
  if (width <= room) return text;
  const letters = [...text];
  let count = Math.floor((room / width) * letters.length);
  while (count > 1) {
    const shorter = `${letters
      .slice(0, count - 1)
      .join('')
      .trimEnd()}…`;
    if (context.measureText(shorter).width <= room) return shorter;
    count -= 1;
  }
  return '';
}

export type CanvasMark = 'cross' | 'stopped' | 'warning';
export const MARK_SIZE = 8;

/** In the colour that is set for strokes and fills; `x` and `y` are its left edge and its middle. */
export function drawMark(context: CanvasRenderingContext2D, mark: CanvasMark, x: number, y: number): void {
  const half = MARK_SIZE / 2;
  context.beginPath();
  if (mark === 'cross') {
    context.moveTo(x + 1, y - half + 1);
    context.lineTo(x + MARK_SIZE - 1, y + half - 1);
    context.moveTo(x + MARK_SIZE - 1, y - half + 1);
    context.lineTo(x + 1, y + half - 1);
  } else if (mark === 'stopped') {
    context.arc(x + half, y, half - 0.7, 0, 2 * Math.PI);
    context.moveTo(x + 1.6, y + half - 1.6);
    context.lineTo(x + MARK_SIZE - 1.6, y - half + 1.6);
  } else {
    context.moveTo(x + half, y - half);
    context.lineTo(x + MARK_SIZE, y + half - 0.5);
    context.lineTo(x, y + half - 0.5);
    context.closePath();
    context.fill();
    return;
  }
  context.lineWidth = 1.4;
  context.stroke();
}
