import { execFileSync, execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { projectFiles } from '../../src/workflows/colab/project-files.js';
import { tar } from '../../src/workflows/colab/tar.js';
import { projectRoot } from '../support/requirements.js';

const FIRST_CELL = join(projectRoot, 'kernels/colab/first_cell.py');

describe('where the first cell of a Colab notebook gets the project', () => {
  const folder = mkdtempSync(join(tmpdir(), 'crpbot-colab-source-'));
  const release = gzipSync(tar(projectFiles(projectRoot).map(({ path, content }) => ({ path: `crpbot-1/${path}`, content }))), { level: 1 });
  const root = join(folder, 'crpbot');
  let server: Server;
  let web: string;

  beforeAll(async () => {
    execFileSync('tar', ['xzf', '-', '-C', folder], { input: release });
    const git = (...words: string[]): void => void execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...words], { cwd: join(folder, 'crpbot-1'), stdio: 'pipe' });
    git('init', '--quiet');
    git('add', '--all');
    git('commit', '--quiet', '--message', 'one');
    git('clone', '--quiet', '--bare', '.', join(folder, 'project.git'));
    execFileSync('git', ['--git-dir', join(folder, 'project.git'), 'update-server-info']);

    const answers: Record<string, Buffer> = { '/crpbot.tar.gz': release, '/page.tar.gz': Buffer.from('<html>sign in</html>'), '/half.tar.gz': release.subarray(0, 100_000), '/other.tar.gz': gzipSync(tar([{ path: 'README.md', content: Buffer.from('other') }])) };
    server = createServer((request, response) => {
      if (request.url === '/cut.tar.gz') {
        response.writeHead(200, { 'content-length': release.length }).write(release.subarray(0, 100_000));
        setTimeout(() => response.destroy(), 100);
        return;
      }
      const answer = answers[request.url ?? ''];
      if (answer === undefined) response.writeHead(404).end();
      else response.end(answer);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    web = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }, 60_000);
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => rmSync(root, { recursive: true, force: true }));
  afterEach(() => rmSync(join(folder, 'uploaded.tar.gz'), { force: true }));

  /** The first cell up to where the project is there; what it said when it failed. */
  const unpack = (source: string): Promise<string> =>
    new Promise((resolve) => {
      const code = `import sys
exec(open(sys.argv[1]).read().split('ROOT = ')[0])
root = pathlib.Path('crpbot'); root.mkdir()
try:
    unpack(sys.argv[2], root.absolute())
except Explained as error:
    print(error)`;
      execFile('python3', ['-c', code, FIRST_CELL, source], { cwd: folder }, (_, stdout, stderr) => resolve(stdout + stderr));
    });

  it.each([
    ['a git URL', () => `file://${folder}/project.git`],
    ['a git URL as pip writes it', () => `git+file://${folder}/project.git`],
    ['a release archive on the web', () => `${web}/crpbot.tar.gz`],
    ['an uploaded release archive', () => (writeFileSync(join(folder, 'uploaded.tar.gz'), release), 'uploaded.tar.gz')],
  ])('%s', async (_, source) => {
    expect(await unpack(source())).toBe('');
    expect(['src/cli/main.ts', 'kernels/colab/bootstrap.py', 'package-lock.json'].filter((name) => !existsSync(join(root, name)))).toEqual([]);
  });

  it.each([
    ['a repository that is not there', () => `file://${folder}/none.git`, /^source-unreadable: git cannot clone file:.*none\.git\n[^]*does not (appear to be|exist)[^]*What to do: check the address/],
    ['a page that answers with something else', () => `${web}/page.tar.gz`, /^source-unreadable: .*page\.tar\.gz is no whole \.tar\.gz \(20 bytes, sha256 [\da-f]{16}\)[^]*name a release archive/],
    ['a page that is not there', () => `${web}/none.tar.gz`, /^source-unreadable: .*none\.tar\.gz: HTTP Error 404/],
    ['half an archive', () => `${web}/half.tar.gz`, /^source-unreadable: .*half\.tar\.gz is no whole \.tar\.gz \(100,000 bytes, sha256/],
    ['an archive whose connection was cut', () => `${web}/cut.tar.gz`, /^source-unreadable: .*cut\.tar\.gz: /],
    ['another project', () => `${web}/other.tar.gz`, /^source-unreadable: .*other\.tar\.gz does not hold this project/],
  ])('%s: what to do', async (_, source, said) => {
    const text = await unpack(source());
    expect(text).toMatch(said);
    expect(text).toContain('What to do: ');
    expect(text).not.toContain('Traceback');
  });
});
