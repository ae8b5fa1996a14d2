/**
 * How long to wait before it is tried once more. A process of V8 has address space for some hundred memories, whatever their size, and
 * those that another thread has dropped count until that thread collects its garbage.
 */
const PAUSES_MS = [10, 50, 250];

/**
 * `WebAssembly.instantiate`, which may find no place for the memory of the instance and then does some milliseconds later.
 *
 * @throws RangeError where there is still none
 */
export async function instantiate(
  module: WebAssembly.Module,
  imports?: WebAssembly.Imports,
): Promise<WebAssembly.Instance> {
  for (const pause of PAUSES_MS) {
    try {
      return await WebAssembly.instantiate(module, imports);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  return WebAssembly.instantiate(module, imports);
}
