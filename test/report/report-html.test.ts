import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { html, jsonForScript } from '../../src/report/html/html.js';
import { reportHtml } from '../../src/report/html/report.js';
import type { RunResult } from '../../src/report/run-result.js';
import { aBareModel, aCostlyModel, aFailingModel, aLeakyModel, aModel, anEvaluation, aRun, without } from '../support/run-result.js';

/** The page with a stand-in for plotly; its scripts and styles left out of `text`. */
function page(run: RunResult) {
  const whole = reportHtml(run, 'window.Plotly = {};');
  const body = whole.slice(whole.indexOf('<body>'));
  const text = body
    .replace(/<script[\s\S]*?<\/script>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replaceAll('&nbsp;', ' ')
    .replace(/\s+/g, ' ');
  return { whole, body, text };
}

describe('html', () => {
  it('escapes every value, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const { text } = html`<p title="${value}">${value}</p>`;
        expect(text.match(/[<>]/g)).toHaveLength(4);
        expect(text.match(/"/g)).toHaveLength(2);
      }),
    );
  });

  it('keeps what is HTML, repeats lists and leaves out what is not there', () => {
    expect(html`<ul>${['<', html`<li>`]}${undefined}${false}${0}</ul>`.text).toBe('<ul>&lt;<li>0</ul>');
  });

  it('does not break a number from its unit, nor an interval', () => {
    expect(html`<p>${'72.8 % [-0.7, 3.1], 5 windows'}</p>`.text).toBe('<p>72.8&nbsp;% [-0.7,&nbsp;3.1], 5 windows</p>');
  });
});

describe('jsonForScript', () => {
  it('is the same value, and cannot end or open an element', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const { text } = jsonForScript(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(text).not.toMatch(/</);
      }),
    );
  });
});

describe('report.html', () => {
  it('shows no name as markup', () => {
    const hostile = '</script><script>alert(1)</script><img src=x onerror=alert(2)>"\'';
    const model = aModel({
      symbol: hostile,
      model: hostile,
      alignment: hostile,
      leaky: true,
      featureSet: hostile,
      engine: hostile,
      assumed: [hostile],
      warnings: [hostile],
      dataFiles: [{ file: hostile, sha256: hostile }],
      gate: { ...aModel().gate, reasons: [hostile] },
      evaluation: { ...aModel().evaluation, byMonth: [{ name: hostile, windows: 1, accuracy: 1, baseRate: 1, calibrationError: 0 }] },
    });
    const { whole, body } = page(aRun({ models: [model, model], options: { [hostile]: [hostile] }, crpbotVersion: hostile, warnings: [hostile] }));
    expect(whole).not.toContain('<script>alert');
    expect(whole).not.toContain('<img');
    // The two scripts, and one place of data a figure: an overview, five of each model.
    expect(body.match(/<script/g)).toHaveLength(2 + 11);
    expect(body.match(/<\/script/g)).toHaveLength(2 + 11);
  });

  it('may run its own two scripts only, and fetch nothing', () => {
    const { whole } = page(aRun());
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(whole)?.[1]?.replaceAll('&#39;', "'") ?? '';
    const scripts = [...whole.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, source]) => source ?? '');
    expect(scripts).toHaveLength(2);
    const hashes = scripts.map((source) => `'sha256-${createHash('sha256').update(source).digest('base64')}'`);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`script-src ${hashes.join(' ')};`);
  });

  it('refers to nothing outside itself', () => {
    const { body } = page(aRun({ models: [aModel(), aFailingModel(), aLeakyModel(), aBareModel()] }));
    for (const [, target] of body.matchAll(/(?:src|href)="([^"]*)"/g)) expect(target).toMatch(/^#/);
    const ids = new Set([...body.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id));
    for (const [, target] of body.matchAll(/href="#([^"]*)"/g)) expect(ids, `#${target}`).toContain(target);
  });

  it('takes apart what would end or hide its scripts', () => {
    const whole = reportHtml(aRun(), 'var a = "</script>", b = "<!-- <script>";');
    expect(whole).toContain('var a = "<\\/script>", b = "<\\!-- <script>";');
  });

  it('says in words what the colours say', () => {
    const { text } = page(aRun());
    expect(text).toContain('3 models, 1 to promote, 1 suspect, 1 to retrain');
    for (const verdict of ['✓ PROMOTE', '✗ RETRAIN', '? SUSPECT']) expect(text).toContain(verdict);
    expect(text).toContain('gate 68.0 %: failed');
  });

  it('marks a leaky result loudly, with its causal score beside it', () => {
    const { text } = page(aRun({ models: [aLeakyModel()] }));
    expect(text).toContain('LEAKY: these features see the future.');
    expect(text).toContain('as trained, legacy , LEAKY 72.8 %');
    expect(text).toContain('the same checkpoint on causal features 51.3 % [48.8, 53.7]');
    expect(page(aRun({ models: [aModel()] })).text).not.toContain('LEAKY: these');
  });

  it('says which checks cleared a pass, failed, or were not run and why', () => {
    expect(page(aRun({ models: [aModel()] })).text).toContain('cleared shuffled labels : p = 0.001 over 1,000 shifts');
    expect(page(aRun({ models: [aFailingModel()] })).text).toContain('not run shuffled labels : no gate passed, so it was not needed');
    const checks = { shuffledLabels: { shifts: 1000, pValue: 0.42, suspect: true }, barLag: { notRun: 'there is no edge to lose' } };
    const { text } = page(aRun({ models: [aModel({ checks })] }));
    expect(text).toContain('suspect shuffled labels : p = 0.420 over 1,000 shifts');
    expect(text).toContain('not run one-bar lag : there is no edge to lose');
  });

  it('says what of its edge a model loses one bar later', () => {
    expect(page(aRun({ models: [aModel()] })).text).toContain('accuracy 72.8 % becomes 71.9 % one minute later: it loses 6 % of its edge over the majority (58.8 %)');
    const better = { accuracy: 0.728, laggedAccuracy: 0.73, baseline: 0.588, edgeLost: -0.014, suspect: false };
    expect(page(aRun({ models: [aModel({ checks: { ...aModel().checks, barLag: better } })] })).text).toContain('it loses none of its edge');
  });

  it('shows the accuracy of the traded windows beside what they need, and tells why they need none', () => {
    expect(page(aRun({ models: [aModel()] })).text).toContain('breaks even at 63.3 % 76.8 % of the traded windows were right net return');
    const { text } = page(aRun({ models: [aCostlyModel()] }));
    expect(text).toContain('breaks even at none 76.8 % of the traded windows were right net return');
    expect(text).toContain('break-even accuracy none');
    expect(page(aRun({ models: [aBareModel()] })).text).toContain('breaks even at - net return');
    expect(text).toContain('* Break-even: the share of the traded windows');
  });

  it('shows latencies only where there were any', () => {
    const rows = ['90 % of decisions within', 'late trades penalised'];
    const latencies = (meanMs: number, p90Ms: number) => {
      const { trades } = anEvaluation();
      const latency = { meanMs, p90Ms };
      const evaluation = anEvaluation({}, { trades: { original: { ...trades.original, latency }, both: { ...trades.both, latency } } });
      return page(aRun({ models: [aModel({ evaluation })] })).text;
    };
    for (const row of rows) {
      expect(latencies(0, 0)).not.toContain(row);
      expect(page(aRun({ models: [aModel()] })).text).not.toContain(row);
      expect(latencies(180, 420)).toContain(row);
    }
    expect(latencies(180, 420)).toContain('90 % of decisions within 420 ms 420 ms');
  });

  it('explains the verdicts by what the gate does', () => {
    const { text } = page(aRun());
    const verdicts = text.slice(text.indexOf('PROMOTE: both gates'), text.indexOf('run fp32.') + 9);
    for (const part of ['not clearly better than persistence', 'rows that the model was trained on', 'always the same answer (the majority baseline)', 'both gates passed, and a check was not run or int8']) {
      expect(verdicts).toContain(part);
    }
  });

  it('tells what was assumed, warned of, left out and read', () => {
    const { text } = page(aRun({ models: [aLeakyModel()], warnings: ['ETH-USD has data but no model'] }));
    for (const part of ['feature set v2-50, from 50 inputs', '13 gaps in the candles', 'ETH-USD has data but no model', '75 embargo rows', '9f9f9f9f9f9f', 'spreadBps 12']) {
      expect(text).toContain(part);
    }
  });

  it('shows - for what was not computed, never NaN or undefined', () => {
    const { text } = page(aRun({ models: [aBareModel()] }));
    expect(text).toContain('AUC -');
    expect(text).toContain('break-even accuracy -');
    expect(text).not.toMatch(/NaN|undefined|Infinity|null/);
  });

  it('explains what to expect of such models', () => {
    expect(page(aRun()).text).toContain('51 to 55 % accuracy');
  });

  it('has no pooled part for one model, and works with none', () => {
    const single = without(aRun({ models: [aModel()] }), 'pooled');
    expect(page(single).text).not.toContain('models together');
    expect(page({ ...single, models: [] }).text).toContain('0 models, nothing evaluated');
  });
});
