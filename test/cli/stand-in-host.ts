import type { CliHost } from '../../src/cli/host.js';

/** What a run left on its outputs. */
export interface Printed {
  stdout: string;
  stderr: string;
}

/** A host whose codec gives what it is given; `printed` gathers what is written. */
export function standInHost(
  cwd: string,
  overrides: Partial<CliHost> = {},
): { host: CliHost; printed: Printed } {
  const printed: Printed = { stdout: '', stderr: '' };
  const output = (name: keyof Printed) => ({
    write: (text: string) => {
      printed[name] += text;
    },
  });
  const host: CliHost = {
    transcode: async (bytes) => bytes,
    encode: async ({ data }) => data,
    checkOptions: async () => {},
    probe: () => ({ width: 3, height: 2 }),
    stdout: output('stdout'),
    stderr: output('stderr'),
    cwd,
    env: {},
    concurrency: 1,
    readInput: async () => {
      throw new Error('The standard input was read');
    },
    writeOutput: async () => {
      throw new Error('The standard output was written');
    },
    signal: new AbortController().signal,
    ...overrides,
  };
  return { host, printed };
}
