import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeResults } from '../../src/report/write-results.js';
import { chromiumPath, withPage, type BrowserPage, type PageOptions } from '../support/chromium.js';
import { describeWhen } from '../support/requirements.js';
import { aBareModel, aFailingModel, aLeakyModel, aModel, aRun } from '../support/run-result.js';

const hostile = '<img src="http://localhost:9/x" onerror="document.title=1"></script><script>document.title=2</script>';
const longName = `lstm_${'A_VERY_LONG_NAME_'.repeat(8)}.pt`;
const models = [aModel(), aFailingModel({ model: longName }), aLeakyModel(), aBareModel({ symbol: hostile, model: hostile })];
const figures = 1 + 5 * models.length;

describeWhen(chromiumPath() !== undefined, 'report.html in Chromium', 'chromium is not installed (Debian: apt-get install chromium; or set CHROMIUM)', () => {
  let folder: string;
  let url: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'crpbot-report-'));
    url = pathToFileURL(writeResults(folder, aRun({ models, warnings: [hostile] })).report).href;
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** The report once all its figures are drawn. */
  const onReport = <T>(options: PageOptions, use: (page: BrowserPage) => Promise<T>): Promise<T> =>
    withPage(url, options, async (page) => {
      await page.evaluate(`new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error('drawn after 20 s: ' + document.documentElement.dataset.drawn)), 20_000);
        const poll = setInterval(() => {
          if (document.documentElement.dataset.drawn !== '${figures}') return;
          clearTimeout(late); clearInterval(poll); resolve();
        }, 20);
      })`);
      return use(page);
    });
  const count = (page: BrowserPage, selector: string) => page.evaluate(`document.querySelectorAll(${JSON.stringify(selector)}).length`);

  it.each<[string, PageOptions]>([
    ['a desktop', { width: 1280 }],
    ['a dark desktop', { width: 1280, dark: true }],
    ['a phone', { width: 360, height: 780, phone: true }],
  ])('draws every figure on %s, without an error or a request', async (_, options) => {
    await onReport(options, async (page) => {
      expect(await count(page, '.plot')).toBe(figures);
      expect(await count(page, '.plot .main-svg:first-child')).toBe(figures);
      // Each figure has drawn something of its data, inside its own frame.
      const empty = await page.evaluate(`[...document.querySelectorAll('.plot')].filter((plot) => plot.querySelectorAll('.trace, .points path, .hm image').length === 0).map((plot) => plot.ariaLabel)`);
      expect(empty).toEqual([]);
      expect(page.errors).toEqual([]);
      expect(page.requests).toEqual([url]);
      expect(await page.evaluate('document.documentElement.dataset.error ?? null')).toBeNull();
      expect(await page.evaluate('document.title')).toMatch(/^crpbot evaluation/);
    });
  });

  it('is no wider than the screen of a phone', async () => {
    await onReport({ width: 360, height: 780, phone: true }, async (page) => {
      expect(await page.evaluate('[innerWidth, document.documentElement.scrollWidth]')).toEqual([360, 360]);
      const outside = await page.evaluate(`[...document.querySelectorAll('.plot .main-svg')].filter((svg) => svg.getBoundingClientRect().right > 361).length`);
      expect(outside).toBe(0);
      // Text is readable without zooming.
      expect(await page.evaluate(`Math.min(...[...document.querySelectorAll('td, dd, li, p')].map((each) => parseFloat(getComputedStyle(each).fontSize)))`)).toBeGreaterThanOrEqual(13);
    });
  });

  it('follows the colour scheme', async () => {
    const colours = (dark: boolean) =>
      onReport({ width: 1000, dark }, (page) => page.evaluate(`[getComputedStyle(document.body).backgroundColor, document.querySelector('.plot .xtick text').style.fill]`));
    const [light, dark] = [await colours(false), await colours(true)];
    expect(light).toEqual(['rgb(244, 246, 249)', 'rgb(74, 83, 97)']);
    expect(dark).toEqual(['rgb(18, 22, 29)', 'rgb(179, 188, 203)']);
  });

  it('prints every figure, those not drawn yet as well', async () => {
    await withPage(url, { width: 1400, dark: true }, async (page) => {
      const drawn = `document.querySelectorAll('.plot .main-svg:first-child').length`;
      const [before, after] = (await page.evaluate(`[${drawn}, (dispatchEvent(new Event('beforeprint')), ${drawn})]`)) as [number, number];
      expect(before).toBeLessThan(figures);
      expect(after).toBe(figures);
      await page.evaluate('new Promise((resolve) => setTimeout(resolve, 200))');
      expect(await page.evaluate(`[...new Set([...document.querySelectorAll('.plot')].map((plot) => plot.layout.width))]`)).toEqual([680, 335]);
      expect(await page.evaluate(`[...new Set([...document.querySelectorAll('.plot .xtick text')].map((text) => text.style.fill))]`)).toEqual(['rgb(74, 83, 97)']);
      expect(await page.evaluate('document.documentElement.dataset.drawn')).toBe(String(figures));
      expect(page.errors).toEqual([]);
    });
  });

  it('prints light, and with figures as wide as the paper', async () => {
    await onReport({ width: 1400, dark: true }, async (page) => {
      const pdf = await page.pdf();
      expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
      await page.evaluate(`dispatchEvent(new Event('beforeprint')), new Promise((resolve) => setTimeout(resolve, 100))`);
      expect(await page.evaluate(`[...new Set([...document.querySelectorAll('.plot')].map((plot) => plot.layout.width))]`)).toEqual([680, 335]);
      expect(await page.evaluate(`document.querySelector('.plot .xtick text').style.fill`)).toBe('rgb(74, 83, 97)');
      await page.evaluate(`dispatchEvent(new Event('afterprint')), new Promise((resolve) => setTimeout(resolve, 100))`);
      expect(await page.evaluate(`document.querySelector('.plot .xtick text').style.fill`)).toBe('rgb(179, 188, 203)');
      expect(page.errors).toEqual([]);
    });
  });
});
