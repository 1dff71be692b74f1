import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { unzipSync } from 'fflate';
import type { UnzipFileInfo } from 'fflate';
import { InputError } from '../../errors.js';
import type { CandleTable } from '../candle-table.js';
import { parseCsvCandles } from '../read-csv.js';

/** A month of Binance's minutes is 2 MB zipped; one beyond this is no month. */
const mostZipBytes = 2 ** 28;
/** Candles as text are a few times as long as zipped; what is far longer was made to fill the memory. */
const mostInflation = 32;
const inflationConstant = 2 ** 24;

const directoryEntry = 0x02014b50;
const endOfDirectory = 0x06054b50;
const endLength = 22;
const longestComment = 0xffff;

/**
 * Candles of a zip file that holds one CSV file, as in Binance's public data (data.binance.vision), whose times are in
 * ms to the end of 2024 and in us since.
 * @throws InputError `file-missing`, `zip-unreadable` (cut off, damaged, too large, not exactly one CSV file), and what `parseCsvCandles` does
 */
export function readZipCandles(file: string, symbol: string): CandleTable {
  return parseCsvCandles(onlyMember(readBytes(file), file), file, symbol);
}

function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`cannot open ${file}: ${reason}`, { code: 'file-missing', place: { file }, hint: 'check the name', cause });
  }
}

function onlyMember(bytes: Uint8Array, file: string): Uint8Array {
  if (bytes.length > mostZipBytes) throw unreadable(file, `it has ${bytes.length} bytes, at most ${mostZipBytes} are read`);
  const members = unzipped(bytes, file, () => false).listed;
  const [member, another] = members;
  if (member === undefined) throw unreadable(file, 'it is empty');
  if (another !== undefined) throw unreadable(file, `it holds ${members.length} files, ${member.name} and ${another.name} among them`, 'give a zip of one CSV file, or unpack it and give the folder');
  if (!/\.csv$/i.test(member.name)) throw unreadable(file, `it holds ${member.name}, not a CSV file`, 'give a zip of one CSV file');
  if (member.originalSize > inflationConstant + mostInflation * bytes.length) throw unreadable(file, `${member.name} would be ${member.originalSize} bytes long`);
  const content = unzipped(bytes, file, () => true).files[member.name];
  if (content.length !== member.originalSize || crc32(content) !== checksum(bytes, file)) throw unreadable(file, `the checksum of ${member.name} does not fit its content`);
  return content;
}

/** fflate reads the directory, and only what `take` says; it verifies no checksum. */
function unzipped(bytes: Uint8Array, file: string, take: (info: UnzipFileInfo) => boolean): { files: Record<string, Uint8Array>; listed: readonly UnzipFileInfo[] } {
  const listed: UnzipFileInfo[] = [];
  try {
    const files = unzipSync(bytes, {
      filter: (info) => {
        listed.push(info);
        return take(info);
      },
    });
    return { files, listed };
  } catch (cause) {
    throw unreadable(file, cause instanceof Error ? cause.message : String(cause), undefined, cause);
  }
}

/** CRC-32 of the only member, as the directory at the end gives it. */
function checksum(bytes: Uint8Array, file: string): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const earliest = Math.max(0, bytes.length - endLength - longestComment);
  let end = bytes.length - endLength;
  while (end >= earliest && view.getUint32(end, true) !== endOfDirectory) end--;
  const start = end < earliest ? bytes.length : view.getUint32(end + 16, true);
  if (start + 46 > bytes.length || view.getUint32(start, true) !== directoryEntry) throw unreadable(file, 'its directory is not where it should be');
  return view.getUint32(start + 16, true);
}

function unreadable(file: string, reason: string, hint = 'the file is damaged or incomplete: fetch it again', cause?: unknown): InputError {
  return new InputError(`${file} is not a readable zip file: ${reason}`, { code: 'zip-unreadable', place: { file }, hint, cause });
}
