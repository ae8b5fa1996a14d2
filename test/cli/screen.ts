import xterm from '@xterm/headless';
import { vi } from 'vitest';
import type { TextOutput } from '../../src/cli/host.js';

/** A terminal of a test's own, with all that its emulator makes of what is written. */
export class Screen implements TextOutput {
  readonly isTTY = true;
  readonly #terminal: xterm.Terminal;
  /** All that was written, as it was. */
  written = '';

  constructor(columns = 80) {
    this.#terminal = new xterm.Terminal({
      cols: columns,
      rows: 40,
      convertEol: true,
      allowProposedApi: true,
    });
  }

  get columns(): number {
    return this.#terminal.cols;
  }

  write(text: string): void {
    this.written += text;
    this.#terminal.write(text);
  }

  resize(columns: number): void {
    this.#terminal.resize(columns, 40);
  }

  /** What stands on it: rows as they are broken, without spaces at their ends and empty ones below. */
  async rows(): Promise<string[]> {
    const settled = new Promise<void>((resolve) => this.#terminal.write('', resolve));
    // The emulator has timers of its own.
    if (vi.isFakeTimers()) vi.advanceTimersByTime(1);
    await settled;
    const { active } = this.#terminal.buffer;
    const rows = Array.from({ length: active.length }, (_, y) => active.getLine(y)!.translateToString(true));
    while (rows.at(-1) === '') rows.pop();
    return rows;
  }
}
