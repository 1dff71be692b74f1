import { fieldCount, fieldStructs, ThriftError } from './thrift.js';
import type { ThriftStruct } from './thrift.js';

/** What the values of a column are, as far as this program reads them. */
export type ColumnKind = 'number' | 'time' | 'text' | 'other';

export interface ParquetColumn {
  readonly name: string;
  readonly kind: ColumnKind;
}

/** A column as stored: lists and structs have several below one name. */
export interface ParquetLeaf {
  readonly name: string;
  /** Parquet's physical type: 0 boolean, 1 int32, 2 int64, 3 int96, 4 float, 5 double, 6 bytes, 7 fixed-length bytes. */
  readonly type: number;
  readonly typeLength: number | undefined;
  /** One value a row: neither repeated nor inside a group. */
  readonly flat: boolean;
}

/**
 * Columns and stored leaves of a Parquet schema: a list whose first element is the root, where groups count their
 * children. @throws ThriftError where the list contradicts itself.
 */
export function readParquetSchema(footer: ThriftStruct): { readonly columns: ParquetColumn[]; readonly leaves: ParquetLeaf[] } {
  const elements = fieldStructs(footer, 2, 'schema');
  const columns: ParquetColumn[] = [];
  const leaves: ParquetLeaf[] = [];
  let at = 0;
  const next = (): ThriftStruct => {
    const element = elements[at++];
    if (element === undefined) throw new ThriftError('its schema lacks columns');
    return element;
  };
  const readLeaves = (element: ThriftStruct, depth: number): void => {
    if (depth > 16) throw new ThriftError('its schema is nested too deeply');
    const children = element.has(5) ? fieldCount(element, 5, 'number of columns in a group') : 0;
    if (children === 0) leaves.push(leafOf(element, depth));
    for (let child = 0; child < children; child++) readLeaves(next(), depth + 1);
  };
  const root = next();
  const width = root.has(5) ? fieldCount(root, 5, 'number of columns') : 0;
  for (let column = 0; column < width; column++) {
    const element = next();
    columns.push({ name: nameOf(element), kind: kindOf(element) });
    readLeaves(element, 1);
  }
  if (at !== elements.length) throw new ThriftError('its schema has stray columns');
  const names = new Set(columns.map(({ name }) => name));
  if (names.size !== columns.length) throw new ThriftError('two of its columns have the same name');
  return { columns, leaves };
}

function leafOf(element: ThriftStruct, depth: number): ParquetLeaf {
  const length = element.get(2);
  return {
    name: nameOf(element),
    type: fieldCount(element, 1, 'type of a column'),
    typeLength: typeof length === 'number' && length >= 0 ? length : undefined,
    flat: depth === 1 && element.get(3) !== 2,
  };
}

function nameOf(element: ThriftStruct): string {
  const name = element.get(4);
  if (!(name instanceof Uint8Array)) throw new ThriftError('a column has no name');
  return Buffer.from(name).toString('utf8');
}

// Ids of the format's LogicalType union, and of the older ConvertedType.
const logicalText = [1, 4, 12];
const logicalOther = [2, 3, 7, 13, 14, 15];
const convertedText = [0, 4, 19];
const convertedOther = [1, 2, 3, 7, 8, 20, 21];

function kindOf(element: ThriftStruct): ColumnKind {
  const type = element.get(1);
  const union = element.get(10);
  const logical = union instanceof Map ? ([...(union as ThriftStruct).keys()][0] ?? -1) : -1;
  const given = element.get(6);
  const converted = typeof given === 'number' ? given : -1;
  if (element.has(5) || element.get(3) === 2 || typeof type !== 'number') return 'other';
  if (logicalOther.includes(logical) || convertedOther.includes(converted)) return 'other';
  if (type === 3 || logical === 6 || logical === 8 || converted === 6 || converted === 9 || converted === 10) return 'time';
  if (logical === 5 || converted === 5 || type <= 5) return 'number';
  return logicalText.includes(logical) || convertedText.includes(converted) ? 'text' : 'other';
}
