/** Makes the compiler prove that every case of a union was handled; throws if a foreign value slipped through anyway. */
export function assertNever(value: never): never {
  throw new Error(`Unhandled case: ${JSON.stringify(value)}`);
}
