import { InvalidArgumentError, Option } from 'commander';

/** Parsers for option values: what is not exactly a number of the wanted kind is refused, naming what was given. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isSafeInteger(value) || value < least || value > most) {
      throw new InvalidArgumentError(`It must be a whole number from ${least} ${most === Number.MAX_SAFE_INTEGER ? 'on' : `to ${most}`}.`);
    }
    return value;
  };
}

export function numberBetween(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= least && value <= most)) throw new InvalidArgumentError(`It must be a number from ${least} to ${most}.`);
    return value;
  };
}

/** Texts separated by commas. */
export function commaSeparated(text: string): string[] {
  return text.split(',').map((part) => part.trim());
}

/** Several of `values`, separated by commas; each once, in the order they are named. */
export function someOf<Value extends string>(values: readonly Value[]): (text: string) => readonly Value[] {
  return (text) => [...new Set(commaSeparated(text))].map((part) => {
    const value = values.find((each) => each === part);
    if (value === undefined) throw new InvalidArgumentError(`"${part}" is none of ${values.join(', ')}.`);
    return value;
  });
}

/** Whole numbers, separated by commas. */
export function wholeNumbers(least: number, most?: number): (text: string) => readonly number[] {
  return (text) => text.split(',').map(wholeNumber(least, most));
}

/** A number of minutes, or `any` for Infinity. */
export function minutesOrAny(text: string): number {
  return text === 'any' ? Infinity : wholeNumber(0)(text);
}

/** Collects the paths of a variadic option. An empty shell variable before it would make the next option a path: refused. */
export function paths(path: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), onePath(path)];
}

export function onePath(path: string): string {
  if (path.trim() === '') throw new InvalidArgumentError('It is empty: a file or folder is missing here.');
  if (path.startsWith('--')) throw new InvalidArgumentError(`A file or folder is missing before it (write ./${path} for a file of this name).`);
  return path;
}

export function choice(flags: string, description: string, values: readonly string[]): Option {
  return new Option(flags, description).choices([...values]);
}
