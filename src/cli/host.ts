import type { CompressedFormat } from '../formats.js';
import type { RawImage } from '../image.js';
import type { WebpEncodeOptions } from '../options.js';

/** What the command line sets of the encoders' options; not every format takes each. */
export type ConversionOptions = Pick<
  WebpEncodeOptions,
  'quality' | 'effort' | 'lossless' | 'limits' | 'signal'
>;

/** How pixels lie in a file that is nothing else. */
export type RawLayout = Required<Pick<RawImage, 'width' | 'height' | 'pixelFormat'>>;

/** Where text goes: a process stream, or a stand-in. */
export interface TextOutput {
  write(text: string): unknown;
  /** Whether a person watches. */
  readonly isTTY?: boolean | undefined;
  /** Width of the terminal in characters. */
  readonly columns?: number | undefined;
}

/** All that the command line needs of the world around it, handed in so that tests and other front ends can bring their own. */
export interface CliHost {
  /** As the API's, but that it may take the memory of `bytes` over. Called as often at one time as files are converted. */
  transcode(bytes: Uint8Array, format: CompressedFormat, options: ConversionOptions): Promise<Uint8Array>;
  /** As the API's, of pixels in a file; it may take the memory of `data` over. */
  encode(
    image: RawLayout & { readonly data: Uint8Array },
    format: CompressedFormat,
    options: ConversionOptions,
  ): Promise<Uint8Array>;
  /** Throws where `transcode` would refuse the options whatever the file. */
  checkOptions(format: CompressedFormat, options: ConversionOptions): Promise<void>;
  /** Size of an encoded image, and what of a source the output goes without, for the report. */
  probe(bytes: Uint8Array): {
    readonly width: number;
    readonly height: number;
    readonly hasIcc?: boolean;
    readonly animated?: boolean;
  };
  /** Files at one time where the command line does not tell: what the machine has cores for. */
  readonly concurrency: number;
  /** All of the standard input. */
  readInput(signal: AbortSignal): Promise<Uint8Array>;
  /** Writes to the standard output; settles when it is on its way. */
  writeOutput(bytes: Uint8Array): Promise<void>;
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
  /** Absolute path that relative ones start from. */
  readonly cwd: string;
  /** `NO_COLOR`, `FORCE_COLOR` and `TERM` are looked at. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted, with an `Interruption`, to end the run early and cleanly. */
  readonly signal: AbortSignal;
}
