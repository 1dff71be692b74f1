import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync, strToU8, unzipSync, zipSync } from 'fflate';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readColabInput } from '../../src/notebook/colab-input.js';
import { listDataFiles } from '../../src/candles/data-files.js';
import { openColabPython, type ColabPython, type Said } from '../support/colab-python.js';
import { startFakeExchange } from '../support/fake-exchange/fake-exchange.js';
import { errorBody, startFaultyProxy, type Fault, type FaultyProxy } from '../support/object-store/faulty-proxy.js';
import { describeWithMoto, startMoto, TEST_CREDENTIALS, type ObjectStore } from '../support/object-store/moto.js';
import { projectRoot } from '../support/requirements.js';

const MODELS = join(projectRoot, 'models/colab-sample');
const ETH = readFileSync(join(MODELS, 'lstm_ETH-SIM_1m_small.pt'));

describe('models and data of one’s own, on Colab', () => {
  let colab: ColabPython;
  beforeEach(() => {
    colab = openColabPython();
  });
  afterEach(() => colab.close());

  const put = (file: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  };
  const taken = (kind: 'models/new' | 'data/candles' | 'data/features'): string[] =>
    existsSync(join(colab.root, kind)) ? readdirSync(join(colab.root, kind), { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('.')).sort() : [];

  describe('uploaded', () => {
    it('under the original’s names are taken from the dialog, each to its place', async () => {
      put(join(colab.uploads, 'lstm_BTC_USD_1m_a7aff5c4.pt'), ETH);
      put(join(colab.uploads, 'features_BTC-USD_1m_2025-11-13_50feat.parquet'), 'PAR1 of some columns PAR1');
      put(join(colab.uploads, 'BTC-USD_1m_2025.csv'), candlesCsv());
      const { text, code } = await colab.run('inputs.upload()');
      expect(code).toBeUndefined();
      expect(text).toMatch(/^model: lstm_BTC_USD_1m_a7aff5c4\.pt, 44,473 bytes, sha256 [\da-f]{16}$/m);
      expect([taken('models/new'), taken('data/features'), taken('data/candles')]).toEqual([['lstm_BTC_USD_1m_a7aff5c4.pt'], ['features_BTC-USD_1m_2025-11-13_50feat.parquet'], ['BTC-USD_1m_2025.csv']]);
      expect(readColabInput(colab.root)).toEqual({ models: ['models/new'], features: ['data/features'], candles: ['data/candles'], symbol: 'BTC-USD' });
    });

    it('as one .zip, with what macOS puts into it', async () => {
      put(join(colab.content, 'everything.zip'), zipSync({ 'mine/lstm_ETH-SIM_1m_a.pt': ETH, 'mine/lstm_ETH-SIM_1m_b.pt': ETH, 'mine/ETH-SIM_1m.csv': strToU8(candlesCsv()), '__MACOSX/mine/._lstm_ETH-SIM_1m_a.pt': strToU8('x'), 'mine/notes.txt': strToU8('x') }));
      const { text } = await colab.run('inputs.upload()');
      expect(text).toContain('not used: notes.txt\n');
      expect(taken('models/new')).toEqual(['lstm_ETH-SIM_1m_a.pt', 'lstm_ETH-SIM_1m_b.pt']);
    });

    it('several models of one symbol are all evaluated', async () => {
      for (const name of ['a', 'b', 'c']) put(join(colab.content, `lstm_ETH-SIM_1m_${name}.pt`), ETH);
      put(join(colab.content, 'ETH-SIM_1m.csv'), candlesCsv());
      await colab.run('inputs.upload()');
      expect(listDataFiles([join(colab.root, 'models/new')], 'model').symbols).toMatchObject([{ symbol: 'ETH-SIM', files: { length: 3 } }]);
    });

    it('of a name that is there already: the newer one counts, and that is said', async () => {
      put(join(colab.content, 'lstm_ETH-SIM_1m_a.pt'), ETH);
      put(join(colab.content, 'ETH-SIM_1m.csv'), candlesCsv(10));
      utimesSync(join(colab.content, 'ETH-SIM_1m.csv'), 1, 1);
      put(join(colab.content, 'ETH-SIM_1m (1).csv'), candlesCsv(20));
      const { text } = await colab.run('inputs.upload()');
      expect(text).toContain('ETH-SIM_1m (1).csv is the newest of ETH-SIM_1m (1).csv, ETH-SIM_1m.csv: it is taken as ETH-SIM_1m.csv');
      expect(readFileSync(join(colab.root, 'data/candles/ETH-SIM_1m.csv'), 'utf8')).toBe(candlesCsv(20));

      writeFileSync(join(colab.content, 'ETH-SIM_1m (1).csv'), candlesCsv(30));
      expect((await colab.run('inputs.upload()')).text).toMatch(/^candles: ETH-SIM_1m\.csv, .* \(replaces another of [\d,]+ bytes\)$/m);
      expect((await colab.run('inputs.upload()')).text).toMatch(/^candles: ETH-SIM_1m\.csv, .* \(was there\)$/m);
      expect(taken('data/candles')).toEqual(['ETH-SIM_1m.csv']);
    });

    it.each([
      ['lstm_ETH-SIM_1m_a.pt', ETH.subarray(0, 20_000)],
      ['tcn_ETH-SIM_1m_a.safetensors', safetensors(64).subarray(0, 60)],
      ['ETH-SIM_1m.parquet', strToU8('PAR1 and then the network went')],
      ['ETH-SIM_1m.csv.gz', gzipSync(strToU8(candlesCsv())).subarray(0, 300)],
      ['ETH-SIM_1m.csv', new Uint8Array()],
      ['all.zip', zipSync({ 'lstm_ETH-SIM_1m_a.pt': ETH }).subarray(0, 1000)],
    ])('half, as %s: its size and hash, and nothing is taken', async (name, half) => {
      put(join(colab.content, 'lstm_ETH-SIM_1m_whole.pt'), ETH);
      put(join(colab.content, name), half);
      const { text, code } = await colab.run('inputs.upload()');
      expect({ code, text }).toMatchObject({ code: 'half-uploaded', text: expect.stringContaining(`${name} is not whole: ${half.length.toLocaleString('en')} bytes, sha256 `) as string });
      expect(taken('models/new')).toEqual([]);
    });

    it('a whole .safetensors and .csv.gz are whole', async () => {
      put(join(colab.content, 'tcn_ETH-SIM_1m_a.safetensors'), safetensors(64));
      put(join(colab.content, 'ETH-SIM_1m.csv.gz'), gzipSync(strToU8(candlesCsv())));
      expect((await colab.run('inputs.upload()')).code).toBeUndefined();
    });

    it('nothing chosen, and wrong names: what was found and what is expected', async () => {
      expect(await colab.run('inputs.upload()')).toMatchObject({ code: 'files-missing', text: expect.stringContaining('among what was found: no file') as string });
      put(join(colab.uploads, 'my model.bin'), 'x');
      expect((await colab.run('inputs.upload()')).text).toMatch(/failed files-missing: no model among what was found: my model\.bin\nWhat to do: expected are models lstm_BTC_USD_1m_/);
    });

    it('candles alone will do for a notebook that makes its own models', async () => {
      put(join(colab.content, 'ETH-SIM_1m.csv'), candlesCsv());
      expect((await colab.run('Inputs(root, node, needs_models=False).upload()')).code).toBeUndefined();
      expect(readColabInput(colab.root)).toEqual({ candles: ['data/candles'], symbol: 'ETH-SIM' });
    });
  });

  describe('on Google Drive', () => {
    beforeEach(() => {
      copyFileSync(join(MODELS, 'lstm_ETH-SIM_1m_small.pt'), join(colab.drive, 'lstm_not_in_the_folder.pt'));
      put(join(colab.drive, 'crpbot/models/lstm_ETH-SIM_1m_mine.pt'), ETH);
      put(join(colab.drive, 'crpbot/ETH-SIM_1m.csv'), candlesCsv());
    });

    it.each(['crpbot', '/content/drive/MyDrive/crpbot', 'My Drive/crpbot/'])('are found below %s', async (folder) => {
      expect((await colab.run(`inputs.drive("${folder}")`)).code).toBeUndefined();
      expect([taken('models/new'), taken('data/candles')]).toEqual([['lstm_ETH-SIM_1m_mine.pt'], ['ETH-SIM_1m.csv']]);
    });

    it('months of the store keep the folders that name their symbol; a month of features goes with features', async () => {
      for (const symbol of ['BTC-USD', 'ETH-USD']) put(join(colab.drive, `crpbot/candles/coinbase/${symbol}/1m/2025-01.parquet`), `PAR1${symbol}PAR1`);
      put(join(colab.drive, 'crpbot/features/coinbase/ETH-USD/1m/2025-01.parquet'), 'PAR1 features PAR1');
      put(join(colab.drive, 'crpbot/features/coinbase/ETH-USD/1m/manifest.json'), '{"featureSet": "v2-50"}');
      await colab.run('inputs.drive("crpbot")');
      expect(taken('data/candles')).toEqual(['ETH-SIM_1m.csv', 'coinbase/BTC-USD/1m/2025-01.parquet', 'coinbase/ETH-USD/1m/2025-01.parquet']);
      expect(taken('data/features')).toEqual(['coinbase/ETH-USD/1m/2025-01.parquet', 'coinbase/ETH-USD/1m/manifest.json']);
    });

    it('what features are, their .json, comes along', async () => {
      put(join(colab.drive, 'crpbot/features_ETH-SIM_1m_x_50feat.parquet'), 'PAR1....PAR1');
      put(join(colab.drive, 'crpbot/features_ETH-SIM_1m_x_50feat.json'), '{"featureSet": "v2-50"}');
      await colab.run('inputs.drive("crpbot")');
      expect(taken('data/features')).toEqual(['features_ETH-SIM_1m_x_50feat.json', 'features_ETH-SIM_1m_x_50feat.parquet']);
    });

    it('of one name in two folders: the same file is taken once, another is refused', async () => {
      put(join(colab.drive, 'crpbot/old/lstm_ETH-SIM_1m_mine.pt'), ETH);
      expect((await colab.run('inputs.drive("crpbot")')).code).toBeUndefined();
      copyFileSync(join(MODELS, 'lstm_BTC-SIM_1m_small.pt'), join(colab.drive, 'crpbot/old/lstm_ETH-SIM_1m_mine.pt'));
      expect((await colab.run('inputs.drive("crpbot")')).text).toMatch(/failed same-name: lstm_ETH-SIM_1m_mine\.pt is there with different contents:\n.*crpbot\/models\/lstm.*44,473 bytes, sha256.*\n.*crpbot\/old\/lstm.*44,326 bytes/);
    });

    it('in a folder that is not there: those that are', async () => {
      expect((await colab.run('inputs.drive("crypto")')).text).toMatch(/failed drive-folder-missing: My Drive has no folder crypto; beside it: crpbot\n/);
    });

    it('with the access refused: what to do', async () => {
      rmSync(colab.drive, { recursive: true });
      expect((await colab.run('inputs.drive("crpbot")')).text).toMatch(/failed drive-not-mounted: Google Drive was not mounted: mount failed\nWhat to do: run this cell again and allow the access/);
    });

    it('results are downloaded, and copied to the folder that was named, each run to its own', async () => {
      put(join(colab.root, 'results/04_evaluate/evaluation_results.csv'), 'symbol\nETH-SIM\n');
      put(join(colab.root, 'results/04_evaluate/report.html'), '<html>');
      put(join(colab.root, 'results/04_evaluate/models/tcn_ETH-SIM_1m_a.safetensors'), safetensors(64));
      const { text, code } = await colab.run('from results import download\ndownload(root, node, "crpbot/results")');
      expect(code).toBeUndefined();
      expect(readdirSync(colab.downloads).sort()).toEqual(['evaluation_results.csv', 'models.zip', 'report.html']);
      const copied = /^copied to MyDrive\/(crpbot\/results\/04_evaluate_\d{4}-\d\d-\d\d_\d{6})$/m.exec(text)?.[1] ?? '';
      expect(readFileSync(join(colab.drive, copied, 'evaluation_results.csv'), 'utf8')).toBe('symbol\nETH-SIM\n');
    });
  });

  it('of several results the newest is downloaded: a comparison, with all it trained', async () => {
    put(join(colab.root, 'results/04_evaluate/evaluation_results.csv'), 'symbol\n');
    utimesSync(join(colab.root, 'results/04_evaluate/evaluation_results.csv'), 1, 1);
    for (const name of ['compare.csv', 'compare.html', 'models/tcn_ETH-SIM_1m_a.safetensors', 'ensembles/ensemble_ETH-SIM_1m_b.json']) put(join(colab.root, 'results/05_compare', name), safetensors(64));
    expect((await colab.run('from results import download\ndownload(root)')).code).toBeUndefined();
    expect(readdirSync(colab.downloads).sort()).toEqual(['compare.csv', 'compare.html', 'models.zip']);
    expect(Object.keys(unzipSync(readFileSync(join(colab.downloads, 'models.zip')))).sort()).toEqual(['ensemble_ETH-SIM_1m_b.json', 'tcn_ETH-SIM_1m_a.safetensors']);
  });

  describeWithMoto('in a bucket', () => {
    let store: ObjectStore;
    let proxy: FaultyProxy;
    beforeAll(async () => {
      store = await startMoto();
      proxy = await startFaultyProxy(store.endpoint);
      await fetch(`${store.endpoint}/mine`, { method: 'PUT' });
    });
    afterAll(() => {
      proxy.stop();
      store.stop();
    });
    beforeEach(() => (proxy.fault = () => undefined));

    /** What the Secrets panel holds; nothing of it may be told. */
    const secrets = (): Record<string, string> => {
      const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION } = TEST_CREDENTIALS;
      return { COLAB_SECRETS: JSON.stringify({ AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, AWS_ENDPOINT_URL: proxy.endpoint }) };
    };
    const run = async (code: string, environment = secrets()): Promise<Said> => {
      const said = await colab.run(`${code}\nprint('environment:', [name for name in os.environ if name.startswith('AWS_') and 'METADATA' not in name])`, environment);
      expect(said.text).not.toMatch(/nobody-may-see|AKIATEST/);
      if (said.code === undefined) expect(said.text).toContain('environment: []\n');
      return said;
    };

    it('results go there from the last cell, and an export comes back as input', async () => {
      put(join(colab.root, 'results/04_evaluate/evaluation_results.csv'), 'symbol\nETH-SIM\n');
      const { text } = await run('from results import download\ndownload(root, node, "s3://mine/results")');
      const address = /^copied to (s3:\/\/mine\/results\/04_evaluate_\S+)$/m.exec(text)?.[1] ?? '';
      expect((await fetch(`${store.endpoint}/mine?list-type=2`).then((answer) => answer.text()))).toContain(`<Key>${address.slice('s3://mine/'.length)}/results/04_evaluate/evaluation_results.csv</Key>`);

      put(join(colab.root, 'models/new/lstm_ETH-SIM_1m_mine.pt'), ETH);
      put(join(colab.root, 'data/candles/coinbase/ETH-SIM/1m/2025-01.parquet'), 'PAR1 candles PAR1');
      await run('from programs import crpbot\nfrom colab_services import aws_secrets\ncrpbot(root, node, "export", "s3://mine/inputs", "--what", "models,candles", **aws_secrets())');
      for (const folder of ['models/new', 'data/candles']) rmSync(join(colab.root, folder), { recursive: true });
      expect(await run('inputs.s3("s3://mine/inputs/")')).toMatchObject({ code: undefined });
      expect([taken('models/new'), taken('data/candles')]).toEqual([['lstm_ETH-SIM_1m_mine.pt'], ['coinbase/ETH-SIM/1m/2025-01.parquet']]);
    });

    it.each<readonly [what: string, fault: Fault, said: RegExp]>([
      ['an expired credential', { kind: 'answer', status: 400, body: errorBody('ExpiredToken', 'The provided token has expired.') }, /failed bucket-credentials-expired: the credentials have expired \(ExpiredToken\)\nWhat to do: put new AWS_ACCESS_KEY_ID.* Secrets panel/],
      ['a wrong credential', { kind: 'answer', status: 403, body: errorBody('InvalidAccessKeyId') }, /failed bucket-credentials-refused: .*\nWhat to do: correct AWS_ACCESS_KEY_ID.* Secrets panel/],
      ['a bucket of another region', { kind: 'answer', status: 301, headers: { 'x-amz-bucket-region': 'eu-west-1' }, body: errorBody('PermanentRedirect') }, /failed bucket-other-region: bucket mine is in region eu-west-1, not in us-east-1\nWhat to do: set AWS_REGION .* Secrets panel/],
    ])('%s: what to do about it here', async (_, fault, said) => {
      proxy.fault = () => fault;
      expect((await run('inputs.s3("s3://mine/inputs")')).text).toMatch(said);
    });

    it('no credential: where to put it', async () => {
      expect((await run('inputs.s3("s3://mine/inputs")', { COLAB_SECRETS: JSON.stringify({ AWS_ENDPOINT_URL: proxy.endpoint }) })).text).toMatch(/failed bucket-credentials-missing: .*\nWhat to do: put AWS_ACCESS_KEY_ID, .* Secrets panel/);
    });

    it('no export at the address, and no address', async () => {
      expect((await run('inputs.s3("s3://mine/other")')).text).toMatch(/failed export-missing: there is no export at s3:\/\/mine\/other/);
      expect((await run('inputs.s3("")')).text).toMatch(/failed no-address: ADDRESS is empty\nWhat to do: write it as s3:/);
    });
  });

  describe('collected on the spot', () => {
    it('from the exchange, the models uploaded', async () => {
      const exchange = await startFakeExchange({ symbols: ['ETH-USD'] });
      put(join(colab.content, 'lstm_ETH-USD_1m_mine.pt'), ETH);
      const { text, code } = await colab.run(`inputs.collect("ETH-USD", "3h", "coinbase", "--exchange-url", "${exchange.url}")`);
      await exchange.close();
      expect({ code, text }).toMatchObject({ code: undefined, text: expect.stringMatching(/^candles: ETH-USD, 1\d\d minutes of coinbase$/m) as string });
      expect(taken('data/candles')[0]).toMatch(/^coinbase\/ETH-USD\/1m\/\d{4}-\d\d\.parquet$/);
      expect(readColabInput(colab.root)).toEqual({ models: ['models/new'], candles: ['data/candles'], symbol: 'ETH-USD' });
    });

    it('from one that does not serve this place: another', async () => {
      const exchange = await startFakeExchange({ alwaysStatus: 451 });
      const { text } = await colab.run(`inputs.collect("ETH-USD", "3h", "coinbase", "--exchange-url", "${exchange.url}")`);
      await exchange.close();
      expect(text).toMatch(/failed exchange-refuses: .*451[^]*What to do: choose another EXCHANGE/);
    });
  });
});

/** Candles of some minutes, as a person would upload them. */
function candlesCsv(minutes = 300): string {
  const rows = Array.from({ length: minutes }, (_, minute) => `${Date.UTC(2025, 0, 6) + minute * 60_000},100,101,99,100.5,7`);
  return ['timestamp,open,high,low,close,volume', ...rows].join('\n');
}

/** One tensor of `bytes` bytes. */
function safetensors(bytes: number): Uint8Array {
  const header = strToU8(JSON.stringify({ __metadata__: { a: 'b' }, w: { dtype: 'F32', shape: [bytes / 4], data_offsets: [0, bytes] } }));
  const file = new Uint8Array(8 + header.length + bytes);
  new DataView(file.buffer).setUint32(0, header.length, true);
  file.set(header, 8);
  return file;
}
