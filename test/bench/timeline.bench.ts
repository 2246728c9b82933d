/** How smoothly the timeline moves with ten thousand bars: the window in Chromium without a GPU, zoomed and panned frame by frame. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import type { Figure } from '../../scripts/benching/figure.ts';
import { buildRenderer, bundleFakeLab } from '../ui/support/renderer-build.ts';
import { serveFolder } from '../ui/support/static-server.ts';

const BARS = 10_000;
const FRAMES = 240;
const SCENARIO = { taskCount: BARS, isLive: false, uiState: { view: 'timeline', range: '7d' } };

export async function bench(): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'labwatch-bench-'));
  const [fakeLab] = await Promise.all([bundleFakeLab(), buildRenderer(folder)]);
  const server = await serveFolder(folder);
  const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: ['--headless', '--no-sandbox', '--disable-gpu'] });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.addInitScript({ content: fakeLab });
    await page.goto(`${server.url}#${encodeURIComponent(JSON.stringify(SCENARIO))}`);
    await page.locator('.timeline-counts').getByText('attempts').waitFor();
    // All of the bars, and no empty half: the view that has most to draw.
    await page.keyboard.press('f');
    await page.waitForFunction(() => document.querySelector('.now-line') !== null);
    return [...(await figuresOf(page, 'zooming')), ...(await figuresOf(page, 'panning'))];
  } finally {
    await browser.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** CPU time of the page's main thread tells the same on a busy machine; from frame to frame is what the eye sees. */
async function figuresOf(page: Page, how: 'zooming' | 'panning'): Promise<readonly Figure[]> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const cpuSeconds = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
  };
  const before = await cpuSeconds();
  const frames = await move(page, how);
  const cpuMs = (((await cpuSeconds()) - before) * 1_000) / FRAMES;
  await session.detach();
  return [
    { name: `timeline: frame p95 while ${how}, 10,000 bars`, value: p95(frames), unit: 'ms', bar: 34 },
    { name: `timeline: CPU a frame while ${how}, 10,000 bars`, value: cpuMs, unit: 'ms of the main thread', bar: 10 },
  ];
}

/** One wheel event or one step of a drag a frame, in and out again, there and back: ms from each frame to the next. */
function move(page: Page, how: 'zooming' | 'panning'): Promise<readonly number[]> {
  return page.evaluate(
    async ([kind, count]) => {
      const plot = document.querySelector('.timeline-plot') as HTMLElement;
      const box = plot.getBoundingClientRect();
      const at = (x: number) => ({ clientX: box.left + x, clientY: box.top + 400, bubbles: true, cancelable: true });
      const pointer = (type: string, x: number) =>
        plot.dispatchEvent(new PointerEvent(type, { ...at(x), pointerId: 1, button: 0, isPrimary: true }));
      // A made-up pointer cannot be captured.
      plot.setPointerCapture = () => {};
      const frames: number[] = [];
      if (kind === 'panning') pointer('pointerdown', box.width / 2);
      const nextFrame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
      let before = await nextFrame();
      for (let frame = 0; frame < count; frame += 1) {
        const half = frame < count / 2;
        const turn = half ? frame : count - frame;
        if (kind === 'zooming')
          plot.dispatchEvent(new WheelEvent('wheel', { ...at(box.width * 0.4), deltaY: half ? -20 : 20 }));
        else pointer('pointermove', box.width / 2 + turn * 4);
        const now = await nextFrame();
        frames.push(now - before);
        before = now;
      }
      if (kind === 'panning') pointer('pointerup', box.width / 2);
      return frames;
    },
    [how, FRAMES] as const,
  );
}

function p95(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length * 0.95)] ?? Number.NaN;
}
