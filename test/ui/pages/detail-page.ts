/** The open worker: header, level, charts, processes, collectors. */
import type { Locator, Page } from 'playwright-core';

export class DetailPage {
  readonly page: Page;
  readonly root: Locator;
  readonly name: Locator;
  readonly charts: Locator;
  readonly processes: Locator;
  readonly collectors: Locator;
  readonly hardware: Locator;
  readonly events: Locator;
  readonly zoomBar: Locator;
  readonly trust: Locator;
  readonly tasks: Locator;
  readonly newName: Locator;
  readonly removal: Locator;

  constructor(page: Page) {
    this.page = page;
    this.root = page.locator('.detail');
    this.name = page.locator('.detail-title h2');
    this.charts = page.locator('.chart');
    this.processes = page.getByRole('region', { name: 'Top processes' });
    this.collectors = page.getByRole('region', { name: 'Collectors' });
    this.hardware = page.getByRole('region', { name: 'Hardware', exact: true });
    this.events = page.getByRole('region', { name: 'Events' });
    this.zoomBar = page.locator('.zoom-bar');
    this.tasks = page.getByRole('region', { name: 'Tasks', exact: true });
    this.trust = page.getByRole('region', { name: 'Trust' });
    this.newName = page.getByRole('textbox', { name: /^New name for/ });
    this.removal = page.getByRole('dialog', { name: /^Remove / });
  }

  chart(title: string): ChartObject {
    return new ChartObject(this.charts.filter({ has: this.page.getByRole('heading', { name: title, exact: true }) }));
  }

  level(name: 'Basic' | 'Standard' | 'Detailed' | 'Intensive'): Locator {
    return this.page.getByRole('radiogroup', { name: 'Level' }).getByRole('radio', { name });
  }

  /** One line of the trust, by its title; null where it has none. */
  async trustFact(title: string): Promise<string | null> {
    const line = this.trust.locator('dl > div').filter({ has: this.page.getByText(title, { exact: true }) });
    // All that are there now: a line that goes between two questions must not be waited for.
    const [text] = await line.locator('dd').allInnerTexts();
    return text === undefined ? null : text.replaceAll('\u00a0', ' ').trim();
  }

  /** Texts of one column of the process table, top down. */
  async processColumn(column: 'name' | 'memoryBytes' | 'cpuCores' | 'pid'): Promise<string[]> {
    const texts = await this.processes.locator(`td.column-${column}`).allInnerTexts();
    return texts.map((text) => text.replaceAll('\u00a0', ' '));
  }
}

/** Left edge of every plot, and what stands right of it, in CSS pixels. */
const AXIS_WIDTH = 60;
const RIGHT_ROOM = 8;

export class ChartObject {
  readonly root: Locator;
  readonly plot: Locator;
  readonly crosshair: Locator;

  constructor(root: Locator) {
    this.root = root;
    this.plot = root.locator('.plot');
    this.crosshair = root.locator('.plot-line:not(.plot-pinned)');
  }

  async figure(): Promise<string> {
    return (await this.root.locator('[data-value]').first().innerText()).replaceAll('\u00a0', ' ');
  }

  async summary(): Promise<string> {
    return ((await this.root.locator('[data-part="summary"]').textContent()) ?? '').replaceAll('\u00a0', ' ');
  }

  /** A point of the plot on the screen; `share` goes from 0 at its left to 1 at its right. */
  async pointAt(share: number): Promise<{ x: number; y: number }> {
    const box = await this.plot.boundingBox();
    if (box === null) throw new Error('The chart is not on the screen');
    return { x: box.x + AXIS_WIDTH + share * (box.width - AXIS_WIDTH - RIGHT_ROOM), y: box.y + box.height / 2 };
  }

  /** How many pixels of each column of the plot carry the colour of a series (0 is the first colour). */
  inkByColumn(colour: number): Promise<number[]> {
    return this.root.locator('canvas').evaluate(
      (canvas: HTMLCanvasElement, { token, left, right }) => {
        const probe = document.createElement('span');
        probe.style.color = `var(${token})`;
        document.body.append(probe);
        const [red = 0, green = 0, blue = 0] = (getComputedStyle(probe).color.match(/\d+/g) ?? []).map(Number);
        probe.remove();
        const context = canvas.getContext('2d') as CanvasRenderingContext2D;
        const { width, height } = canvas;
        const { data } = context.getImageData(0, 0, width, height);
        const columns: number[] = [];
        for (let x = left; x < width - right; x += 1) {
          let count = 0;
          for (let y = 0; y < height; y += 1) {
            const at = (y * width + x) * 4;
            const isInk =
              (data[at + 3] ?? 0) > 20 &&
              Math.abs((data[at] ?? 0) - red) +
                Math.abs((data[at + 1] ?? 0) - green) +
                Math.abs((data[at + 2] ?? 0) - blue) <
                60;
            if (isInk) count += 1;
          }
          columns.push(count);
        }
        return columns;
      },
      { token: `--series-${colour + 1}`, left: AXIS_WIDTH, right: RIGHT_ROOM },
    );
  }
}
