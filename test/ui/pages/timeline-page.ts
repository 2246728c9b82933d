/** The Timeline view: its plot and what lies over it, names of lanes, toolbar, and the placement card. Serves Electron alike. */
import type { Locator, Page } from 'playwright-core';

export class TimelinePage {
  readonly page: Page;
  readonly plot: Locator;
  readonly lanes: Locator;
  readonly queue: Locator;
  readonly counts: Locator;
  /** The bar that the keys stand on. */
  readonly bar: Locator;
  readonly tip: Locator;
  readonly now: Locator;
  readonly summary: Locator;
  readonly card: Locator;

  constructor(page: Page) {
    this.page = page;
    this.plot = page.locator('.timeline-plot');
    this.lanes = page.locator('.lane-labels .lane-label');
    this.queue = page.locator('.queue-label');
    this.counts = page.locator('.timeline-counts');
    this.bar = page.locator('.bar-proxy');
    this.tip = page.locator('.timeline-tip');
    this.now = page.locator('.now-line');
    this.summary = page.locator('#timeline-summary');
    this.card = page.getByRole('complementary', { name: /^Placement/ });
  }

  /** Resolves once bars are counted. */
  async drawn(): Promise<void> {
    await this.counts.getByText(/attempt|Nothing ran/).waitFor();
  }

  laneNames(): Promise<string[]> {
    return this.lanes.locator('.lane-name, strong').allInnerTexts();
  }

  /** Name, state, times and worker of the bar that the keys stand on. */
  async barWords(): Promise<string> {
    return ((await this.bar.getAttribute('aria-label')) ?? '').replaceAll('\u00a0', ' ');
  }

  /** From the plot to its newest bar that runs: the newest of all is only on its way. */
  async reachRunning(): Promise<void> {
    await this.reachBars();
    await this.page.keyboard.press('ArrowLeft');
    await this.bar.and(this.page.getByRole('button', { name: /running for/ })).waitFor();
  }

  /** From the plot to its newest bar. */
  async reachBars(): Promise<void> {
    await this.plot.focus();
    await this.page.keyboard.press('Enter');
  }

  async openCard(): Promise<void> {
    await this.reachBars();
    await this.page.keyboard.press('Enter');
    await this.card.locator('.task-body').waitFor();
  }

  async cardText(): Promise<string> {
    return (await this.card.innerText()).replaceAll('\u00a0', ' ');
  }

  /** The colour on the canvas at a point of the plot, as red, green, blue. */
  colourAt(x: number, y: number): Promise<readonly number[]> {
    return this.plot.locator('canvas').evaluate(
      (canvas: HTMLCanvasElement, [left, top]) => {
        const { width, clientWidth } = canvas;
        const ratio = width / clientWidth;
        const data = canvas
          .getContext('2d')
          ?.getImageData(Math.round(left * ratio), Math.round(top * ratio), 1, 1).data;
        return [...(data ?? [])].slice(0, 4);
      },
      [x, y] as const,
    );
  }

  /** Where on the plot the bar of the keys lies. */
  async barBox(): Promise<{ readonly x: number; readonly y: number; readonly width: number; readonly height: number }> {
    const [bar, plot] = [await this.bar.boundingBox(), await this.plot.boundingBox()];
    if (bar === null || plot === null) throw new Error('No bar is in sight');
    return { x: bar.x - plot.x, y: bar.y - plot.y, width: bar.width, height: bar.height };
  }
}
