import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InputError } from '../../errors.js';
import { hashFile } from '../../tables/hash-file.js';
import { decodeEnsemble, type EnsembleFile, type EnsembleMemberFile } from './ensemble-file.js';

/** An ensemble as it lies on disk. */
export interface ReadEnsemble {
  /** The file, as given. */
  readonly file: string;
  /** SHA-256 of that file, hex. */
  readonly sha256: string;
  readonly content: EnsembleFile;
  /** Members whose files are there, with their paths. */
  readonly present: readonly (EnsembleMemberFile & { readonly path: string })[];
  /** Members whose files are not there: the others' weights are renormalised. */
  readonly missing: readonly EnsembleMemberFile[];
}

/** `ensemble_<SYMBOL>_1m_<hash>.json`; other JSON is no model. */
export function isEnsembleFile(file: string): boolean {
  return /\.json$/i.test(file);
}

/**
 * Reads an ensemble and finds its members beside it.
 * @throws InputError `corrupt-checkpoint`, `ensemble-member-changed` where a member is not the file the weights were
 *   fitted for, `ensemble-members-missing` where none is there
 */
export function readEnsemble(file: string): ReadEnsemble {
  const content = decodeEnsemble(readText(file), file);
  const members = content.members.map((member) => ({ ...member, path: join(dirname(file), member.file) }));
  const present = members.filter(({ path }) => existsSync(path));
  if (present.length === 0) {
    throw new InputError(`${file}: none of its models is there (${members.map(({ path }) => path).join(', ')})`, {
      code: 'ensemble-members-missing',
      place: { file },
      hint: 'an ensemble is read together with its models: copy them to where it names them, or build it again with npx crpbot ensemble',
    });
  }
  for (const { path, sha256 } of present) {
    const found = hashFile(path);
    if (found === sha256) continue;
    throw new InputError(`${file}: ${path} is another file than the one it was fitted with (SHA-256 ${found.slice(0, 12)}…, not ${sha256.slice(0, 12)}…)`, {
      code: 'ensemble-member-changed',
      place: { file: path },
      hint: 'its weights say nothing of another model: put the original file back, or build the ensemble again with npx crpbot ensemble',
    });
  }
  return { file, sha256: hashFile(file), content, present, missing: members.filter((member) => !present.includes(member)) };
}

/** @throws InputError `cannot-read` */
function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new InputError(`cannot read ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { code: 'cannot-read', place: { file }, hint: 'check its name and permissions', cause });
  }
}
