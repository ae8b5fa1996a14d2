import sharp from 'sharp';
import type { encode as encodeAny } from '../../src/encode.js';
import type { Rgb } from '../../src/options.js';
import { componentsOf, type Decoded, STRICT_DECODERS } from './jpeg-decoders.js';
import { count, emptyTally, type Tally } from './jpeg-tally.js';
import { openPictures, type Specimen, VARIANTS } from './jpeg-variants.js';
import { random } from './random-image.js';

export type Size = readonly [width: number, height: number];

/** The codings, with how sharp is asked for the same. */
const CODINGS = {
  fast: [{ effort: 'fast' }, { optimizeCoding: false }],
  balanced: [{ effort: 'balanced' }, {}],
  progressive: [{ effort: 'balanced', progressive: true }, { progressive: true }],
} as const;
type Coding = keyof typeof CODINGS;

const SUBSAMPLINGS = ['4:4:4', '4:2:2', '4:2:0'] as const;
type Subsampling = (typeof SUBSAMPLINGS)[number];
const RESTART_INTERVALS = [0, 1] as const;
const QUALITIES = [80, 50, 92, 75, 25, 97] as const;

const WAYS = SUBSAMPLINGS.flatMap((subsampling) =>
  (Object.keys(CODINGS) as Coding[]).flatMap((coding) =>
    RESTART_INTERVALS.map((restartInterval) => ({ subsampling, coding, restartInterval })),
  ),
);

/** All that is known of a sweep, as plain data. */
export interface SweepReport {
  encodes: number;
  /** Files that are not, byte for byte, that of another pixel format. */
  files: number;
  decodes: Record<Decoder, number>;
  /** Files of which sharp and jSquash's decoder do not make the same pixels: then errors would depend on who decodes. */
  disagreements: number;
  /** Encodes whose file a decoder took, by `coding subsampling restart variant`. */
  coverage: Record<string, Record<Decoder, number>>;
  /** What is wrong with files: too few to count on to be none. */
  faults: string[];
  tally: Tally;
}

type Decoder = keyof typeof STRICT_DECODERS;

/** A sweep of nothing. */
export function emptyReport(): SweepReport {
  return {
    encodes: 0,
    files: 0,
    decodes: { sharp: 0, jsquash: 0, 'jpeg-js': 0 },
    disagreements: 0,
    coverage: {},
    faults: [],
    tally: emptyTally(),
  };
}

/** A file with what the decoders said to it. */
interface JudgedFile {
  readonly file: Uint8Array;
  readonly error: Promise<number | undefined>;
  readonly takenBy: readonly Decoder[];
}

/** What is expected of all files of the same pixels, whatever their format. */
interface Group {
  readonly specimen: Specimen;
  readonly files: Map<string, JudgedFile[]>;
  readonly references: Map<string, Promise<number>>;
}

type Samples = Pick<Decoded, 'data' | 'channels'>;

/** Over the channels of the second, which may lack the others of the first: alpha, or the two that repeat gray. */
function squaredError(actual: Samples, expected: Samples): number {
  const { channels } = expected;
  let sum = 0;
  for (let from = 0, to = 0; to < expected.data.length; from += actual.channels, to += channels) {
    for (let c = 0; c < channels; c++) sum += (actual.data[from + c]! - expected.data[to + c]!) ** 2;
  }
  return sum;
}

/** What sharp's own file of the same pixels loses. It has no 4:2:2: there it stands for 4:2:0, the least that ours may reach. */
async function referenceError(
  { expected, channels, source: { width, height } }: Specimen,
  quality: number,
  subsampling: Subsampling,
  coding: Coding,
): Promise<number> {
  const file = await sharp(expected, { raw: { width, height, channels } })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .jpeg({
      quality,
      chromaSubsampling: subsampling === '4:4:4' ? '4:4:4' : '4:2:0',
      ...CODINGS[coding][1],
    })
    .toBuffer();
  return squaredError(await STRICT_DECODERS.jsquash(file), { data: expected, channels });
}

/**
 * Encodes pictures of those sizes in every pixel format, subsampling and coding, with and without restarts, and has the files judged:
 * each by jSquash's decoder, a rotating share of them by sharp and by jpeg-js too. A file that equals, byte for byte, that of the same
 * pixels in another format is judged once.
 *
 * @param report what to add to
 * @param share one file in so many goes to sharp, and one to jpeg-js; 1 for all files to both
 * @param isOver asked between the sizes
 * @returns how many of the sizes were done
 */
export async function sweep(
  encode: typeof encodeAny,
  sizes: readonly Size[],
  report: SweepReport,
  { share, isOver = () => false }: { share: number; isOver?: () => boolean },
): Promise<number> {
  const picture = await openPictures();
  let next = 0;
  const work = async () => {
    while (next < sizes.length && !isOver()) {
      const [width, height] = sizes[next++]!;
      await sweepSize(encode, picture(width, height, width * 67 + height), report, share);
    }
  };
  // sharp decodes in threads meanwhile.
  await Promise.all([work(), work(), work(), work(), work()]);
  return next;
}

type Picture = ReturnType<Awaited<ReturnType<typeof openPictures>>>;

async function sweepSize(
  encode: typeof encodeAny,
  picture: Picture,
  report: SweepReport,
  share: number,
): Promise<void> {
  const { width, height } = picture;
  const size = `${width}x${height}`;
  const seed = random(width * 97 + height);
  const behind: Rgb = [seed() % 256, seed() % 256, seed() % 256];
  const quality = QUALITIES[(width + 3 * height) % QUALITIES.length]!;
  // Sizes take different shares, so that in the end every class has met every decoder.
  let turn = width * 7 + height * 11;
  const groups: Group[] = [];
  const verdicts: Promise<void>[] = [];

  for (const variant of VARIANTS) {
    const specimen = variant.make(picture, behind);
    const { expected, channels, source, background } = specimen;
    let group = groups.find(
      ({ specimen: known }) => known.channels === channels && known.expected.equals(expected),
    );
    if (!group) {
      group = { specimen, files: new Map(), references: new Map() };
      groups.push(group);
    }
    const pixels = source.data as Uint8Array;
    const before = Buffer.from(pixels);
    for (const { subsampling, coding, restartInterval } of WAYS) {
      const way = `${coding} ${subsampling} restart ${restartInterval}`;
      const what = `${size} ${variant.name} ${way} q${quality}`;
      const chroma = channels === 1 ? 'gray' : subsampling;
      const options = {
        ...CODINGS[coding][0],
        quality,
        background,
        chromaSubsampling: subsampling,
        restartInterval,
      };
      const file = await encode(source, 'jpeg', options);
      report.encodes++;
      const key = `${chroma} ${coding} ${restartInterval}`;
      const known = group.files.get(key) ?? [];
      group.files.set(key, known);
      let judged = known.find((other) => Buffer.compare(other.file, file) === 0);
      if (!judged) {
        judged = judge(file, specimen, decodersOf(turn++, share), what, report);
        known.push(judged);
      }
      const taken = report.coverage[`${way} ${variant.name}`] ?? { sharp: 0, jsquash: 0, 'jpeg-js': 0 };
      report.coverage[`${way} ${variant.name}`] = taken;
      for (const decoder of judged.takenBy) taken[decoder]++;
      // The entropy coding does not change what is decoded: any will do.
      const reference =
        group.references.get(chroma) ?? referenceError(specimen, quality, subsampling, coding);
      group.references.set(chroma, reference);
      verdicts.push(
        Promise.all([judged.error, reference]).then(([ours, theirs]) => {
          if (ours === undefined) return;
          // Black and white pixels are no picture that JPEG is for, and would drown the errors of the others.
          const kind = variant.name === 'gray1' ? 'gray1' : chroma;
          const classes = {
            all: kind,
            coding: `${coding} ${kind}`,
            restart: `${restartInterval} ${kind}`,
            quality: `q${quality} ${kind}`,
            format: `${variant.name} ${chroma}`,
            edge: `${width % 16}x${height % 16} ${kind}`,
            ...(kind !== 'gray1' && kind !== '4:2:2' && { size }),
          };
          const name = `${size} ${variant.name} ${chroma} q${quality}`;
          count(report.tally, { name, samples: expected.length, ours, theirs }, classes);
        }),
      );
    }
    if (!before.equals(pixels))
      report.faults.push(`${size} ${variant.name}: the caller's pixels were changed`);
  }
  await Promise.all(verdicts);
}

/** Who decodes the file whose turn it is. */
function decodersOf(turn: number, share: number): Decoder[] {
  return [
    'jsquash',
    ...(turn % share === 0 ? ['sharp' as const] : []),
    ...(turn % share === Math.min(1, share - 1) ? ['jpeg-js' as const] : []),
  ];
}

/** Hands a file to jSquash's decoder, some to the others as well. */
function judge(
  file: Uint8Array,
  specimen: Specimen,
  takenBy: readonly Decoder[],
  what: string,
  report: SweepReport,
): JudgedFile {
  const { expected, channels, source } = specimen;
  const { width, height } = source;
  report.files++;
  if (componentsOf(file) !== channels) report.faults.push(`${what}: ${componentsOf(file)} components`);
  const decode = async (decoder: Decoder) => {
    report.decodes[decoder]++;
    try {
      const decoded = await STRICT_DECODERS[decoder](file, channels);
      if (decoded.width === width && decoded.height === height) return decoded;
      report.faults.push(`${what}: ${decoded.width}x${decoded.height} by ${decoder}`);
    } catch (reason) {
      report.faults.push(`${what}, by ${decoder}: ${String(reason)}`);
    }
    return undefined;
  };
  const error = Promise.all(takenBy.map(decode)).then(([byJsquash, other]) => {
    if (takenBy[1] === 'sharp' && other && byJsquash && squaredError(byJsquash, other) > 0)
      report.disagreements++;
    return byJsquash && squaredError(byJsquash, { data: expected, channels });
  });
  return { file, error, takenBy };
}
