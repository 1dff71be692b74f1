/** Lets an interrupt be heard, and polars give back the memory of what was read or written. */
export async function turnOfEventLoop(): Promise<void> {
  await new Promise((done) => setImmediate(done));
}
