import { MultiBar, type SingleBar } from 'cli-progress';
import type { Colors } from './colors.js';
import type { JobResult } from './convert.js';
import type { TextOutput } from './host.js';
import type { Job } from './plan.js';
import type { Progress } from './progress.js';
import { progressLine } from './progress-line.js';

const FRAMES_PER_SECOND = 10;

/** The time to go is judged by as many frames: half a minute, so that files left out in no time do not promise the same of the rest. */
const ETA_FRAMES = 30 * FRAMES_PER_SECOND;

/**
 * A bar on the last line of a terminal, and lines above it. Neither the cursor is hidden nor the terminal's wrapping switched off: a run
 * that is stopped or killed leaves nothing to put right.
 */
export class ProgressBar implements Progress {
  readonly #bars: MultiBar;
  readonly #bar: SingleBar;
  readonly #running = new Set<Job>();
  readonly #start = performance.now();
  #through = 0;
  #failed = 0;
  #pixels = 0;

  constructor(files: number, terminal: TextOutput, colors: Colors) {
    // It would cut lines by code units, colours included: they are of the right width already.
    const stream = {
      isTTY: true,
      columns: Number.MAX_SAFE_INTEGER,
      write: (text: string) => terminal.write(text),
    };
    this.#bars = new MultiBar({
      stream: stream as unknown as NodeJS.WritableStream,
      fps: FRAMES_PER_SECOND,
      etaBuffer: ETA_FRAMES,
      linewrap: true,
      clearOnComplete: true,
      // Else it would be gone where a line went above it and nothing else is new.
      forceRedraw: true,
      format: (_, { eta }) =>
        progressLine(
          {
            files,
            through: this.#through,
            failed: this.#failed,
            megapixelsPerSecond: this.#pixels / 1000 / (performance.now() - this.#start),
            secondsLeft: this.#through > 0 && Number.isFinite(Number(eta)) ? Number(eta) : undefined,
            path: this.#running.values().next().value?.input.path,
          },
          // Read each time: the window may change its size.
          terminal.columns || 80,
          colors,
        ),
    });
    this.#bar = this.#bars.create(files, 0);
    this.#bars.on('update-pre', () => this.#bar.update(this.#through));
  }

  begin(job: Job): void {
    this.#running.add(job);
  }

  end({ job, size, failure }: JobResult): void {
    this.#running.delete(job);
    this.#through++;
    if (failure !== undefined) this.#failed++;
    if (size !== undefined) this.#pixels += size.width * size.height;
  }

  print(line: string): void {
    this.#bars.log(line);
  }

  close(): void {
    // For the lines that wait for the next frame.
    this.#bars.update();
    this.#bars.stop();
  }
}
