import { lstatSync, readdirSync, statSync } from 'node:fs';
import { basename, join, relative, resolve, sep } from 'node:path';
import { InputError } from '../errors.js';
import { whyUnsafe } from '../storage/address.js';
import { MANIFEST_NAME } from '../storage/export-manifest.js';

/** What can be exported by its kind, and the folders it lies in. */
export const EXPORT_KINDS = {
  results: ['results'],
  models: ['models/new', 'models/promoted'],
  features: ['data/features'],
  candles: ['data/candles'],
} as const;

export type ExportKind = keyof typeof EXPORT_KINDS;

export const DEFAULT_EXPORT: readonly ExportKind[] = ['results', 'models'];

export interface FileToExport {
  readonly path: string;
  /** Its name in the export, with `/`: the path from the current folder, or from the given folder's own name where that lies elsewhere. */
  readonly name: string;
  readonly bytes: number;
}

export interface ExportSelection {
  readonly files: readonly FileToExport[];
  readonly leftOut: readonly { readonly path: string; readonly reason: string }[];
}

/**
 * The files of an export. Left out, and listed: hidden files (where keys are kept), links, half-written files, the
 * state of trainings under way.
 * @param given files and folders; empty for those of `kinds`
 * @throws InputError `path-missing`, `export-nothing`, `export-name`
 */
export function selectFiles(given: readonly string[], kinds: readonly ExportKind[], root = process.cwd()): ExportSelection {
  const starts = given.length > 0 ? given : kinds.flatMap((kind) => EXPORT_KINDS[kind]);
  const files = new Map<string, FileToExport>();
  const leftOut: { path: string; reason: string }[] = [];
  const take = (path: string, name: string): void => {
    const found = statSync(path);
    if (found.isDirectory()) {
      for (const entry of readdirSync(path).sort()) {
        const inner = join(path, entry);
        const reason = whyLeftOut(inner, entry);
        if (reason === undefined) take(inner, `${name}/${entry}`);
        else leftOut.push({ path: inner, reason });
      }
    } else if (found.isFile()) addFile(files, { path, name, bytes: found.size });
  };
  for (const start of starts) {
    const path = resolve(root, start);
    if (statSync(path, { throwIfNoEntry: false }) === undefined) {
      if (given.length === 0) continue;
      throw new InputError(`${start} is not there`, { code: 'path-missing', place: { file: path }, hint: 'check the name; files and folders to export follow the address' });
    }
    const inside = relative(root, path);
    const outside = inside === '' || inside === '..' || inside.startsWith(`..${sep}`);
    take(path, outside ? basename(path) : inside.split(sep).join('/'));
  }
  if (files.size === 0) {
    throw new InputError(`there is nothing to export in ${starts.join(', ')}`, { code: 'export-nothing', hint: `run npx crpbot evaluate or npx crpbot train first, name files or folders, or say --what ${Object.keys(EXPORT_KINDS).join(',')}` });
  }
  return { files: [...files.values()], leftOut };
}

function whyLeftOut(path: string, name: string): string | undefined {
  if (name.startsWith('.')) return 'hidden';
  if (lstatSync(path).isSymbolicLink()) return 'a link';
  if (name.endsWith('.partial')) return 'half written';
  if (name.endsWith('.training')) return 'a training under way';
  if (name.endsWith('.lock')) return 'a lock';
  return undefined;
}

function addFile(files: Map<string, FileToExport>, file: FileToExport): void {
  const refuse = (why: string): never => {
    throw new InputError(`${file.path} cannot be exported as ${JSON.stringify(file.name)}: ${why}`, { code: 'export-name', place: { file: file.path }, hint: 'rename it' });
  };
  const why = whyUnsafe(file.name);
  if (why !== undefined) refuse(why);
  if (file.name === MANIFEST_NAME) refuse('the export’s own list has this name');
  const other = files.get(file.name);
  if (other !== undefined && other.path !== file.path) refuse(`so would ${other.path}`);
  files.set(file.name, file);
}
