/**
 * The packed form of a column of whole numbers: a byte that names the method, then the column.
 *
 * Each column is tried in four forms and the shortest stays: as it is or as steps, deflated varints or split into lengths
 * and bits (`codec-bits.ts`). Steps win for what drifts (memory, temperature), the plain numbers for what jumps about zero
 * (rates), the split for noise, no deflate for a handful of samples. What other columns tell of it is left out before
 * (`codec-prediction.ts`) where that pays.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import {
  ByteReader,
  ByteWriter,
  CodecError,
  type ColumnTransform,
  readColumn,
  writeColumn,
} from '../../core/metrics/codec.ts';
import { joinColumn, splitColumn } from '../../core/metrics/codec-bits.ts';
import { type ChosenReference, residual, restored } from '../../core/metrics/codec-prediction.ts';

/** Bits of the first byte. A split column has its lengths, a blob with a first byte of its own, before its bits. */
const DELTA = 1;
const DEFLATED = 2;
const SPLIT = 4;
const PREDICTED = 8;
const METHOD_END = 16;
const TRANSFORMS = ['plain', 'delta'] as const satisfies readonly ColumnTransform[];
const DEFLATE_LEVEL = 6;
const COEFFICIENT_BYTES = 8;
const writer = new ByteWriter();

/** `column` in the shortest of the forms that stand alone. */
export function packColumn(column: ArrayLike<number>): Uint8Array {
  const forms = TRANSFORMS.flatMap((transform) => [packVarints(column, transform), packSplit(column, transform)]);
  return forms.reduce((best, form) => (form.length < best.length ? form : best));
}

/** `column` as what its references leave of it. The references' ids and coefficients go first. */
export function packPredicted(column: Float64Array, references: readonly ChosenReference[]): Uint8Array {
  const rest = packColumn(residual(column, references));
  writer.reset();
  writer.byte(PREDICTED);
  writer.unsigned(references.length);
  for (const { id, coefficient } of references) {
    writer.unsigned(id);
    const bytes = new Uint8Array(COEFFICIENT_BYTES);
    new DataView(bytes.buffer).setFloat64(0, coefficient, true);
    writer.append(bytes);
  }
  writer.append(rest);
  return writer.view().slice();
}

/**
 * Throws CodecError for a blob that is not `length` numbers. `columnOf` gives the columns that this one refers
 * to.
 */
export function unpackColumn(blob: Uint8Array, length: number, columnOf?: (id: number) => Float64Array): Float64Array {
  const method = methodOf(blob);
  if ((method & PREDICTED) !== 0) return unpackPredicted(blob, length, columnOf);
  const transform = (method & DELTA) === 0 ? 'plain' : 'delta';
  if ((method & SPLIT) === 0) return readColumn(inflated(blob), length, transform);
  const reader = new ByteReader(blob, 1);
  const lengths = inflated(reader.take(reader.unsigned()));
  if (lengths.length !== length) throw new CodecError('The blob is not as long as its column.');
  return joinColumn({ lengths, bits: reader.take(reader.left) }, transform);
}

function unpackPredicted(
  blob: Uint8Array,
  length: number,
  columnOf: ((id: number) => Float64Array) | undefined,
): Float64Array {
  if (columnOf === undefined) throw new CodecError('The column refers to others.');
  const reader = new ByteReader(blob, 1);
  const references = Array.from({ length: Math.min(reader.unsigned(), blob.length) }, () => {
    const column = columnOf(reader.unsigned());
    if (column.length !== length) throw new CodecError('A column and its reference differ in length.');
    const bytes = reader.take(COEFFICIENT_BYTES);
    const coefficient = new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0, true);
    return { column, coefficient };
  });
  return restored(unpackColumn(reader.take(reader.left), length), references);
}

function packVarints(column: ArrayLike<number>, transform: ColumnTransform): Uint8Array {
  writer.reset();
  writeColumn(writer, column, transform);
  return shortest(writer.view(), transform === 'delta' ? DELTA : 0);
}

function packSplit(column: ArrayLike<number>, transform: ColumnTransform): Uint8Array {
  const { lengths, bits } = splitColumn(column, transform);
  const packedLengths = shortest(lengths);
  writer.reset();
  writer.byte(transform === 'delta' ? SPLIT | DELTA : SPLIT);
  writer.unsigned(packedLengths.length);
  writer.append(packedLengths);
  writer.append(bits);
  return writer.view().slice();
}

/** Bytes deflated where that is shorter, after a byte that says so. */
export function shortest(bytes: Uint8Array, method = 0): Uint8Array {
  const deflated = deflateRawSync(bytes, { level: DEFLATE_LEVEL });
  const isShorter = deflated.length < bytes.length;
  const body = isShorter ? deflated : bytes;
  const blob = new Uint8Array(body.length + 1);
  blob[0] = isShorter ? method | DEFLATED : method;
  blob.set(body, 1);
  return blob;
}

/** The inverse of `shortest`. Throws CodecError. */
export function inflated(blob: Uint8Array): Uint8Array {
  const body = blob.subarray(1);
  if ((methodOf(blob) & DEFLATED) === 0) return body;
  try {
    return inflateRawSync(body);
  } catch (error) {
    throw new CodecError('The blob does not inflate.', { cause: error });
  }
}

function methodOf(blob: Uint8Array): number {
  const method = blob[0];
  if (method === undefined || method >= METHOD_END) throw new CodecError('The blob names no known method.');
  return method;
}
