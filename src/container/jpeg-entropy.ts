import { SOS } from './jpeg.js';
import type { JpegForDecoding } from './jpeg-scans.js';

/** Define Huffman tables; define restart interval. */
const DHT = 0xc4;
const DRI = 0xdd;

/** T.81, B.2.3. Without a bound, blocks that take no bits could be many more than the image has. */
const MAX_BLOCKS_IN_MCU = 10;

/** A Huffman table by the next 16 bits: the length of the code that they begin with, times 256, plus its symbol. */
type Huffman = Uint16Array;

/** What no code begins with counts as symbol 0, as in libjpeg, which has read 17 bits by then. */
const NO_CODE = 17 << 8;

/** One component in a scan, with the place of its Huffman tables in the file. */
interface ScanComponent {
  /** Into the components of the frame. */
  readonly index: number;
  readonly dcTable: number | undefined;
  readonly acTable: number | undefined;
}

/** A scan header (T.81, B.2.3), with what is in force where it begins. */
interface Scan {
  readonly components: readonly ScanComponent[];
  /** First and last coefficient in zigzag order: Ss, Se. */
  readonly first: number;
  readonly last: number;
  /** Whether lower bits of coefficients are added to those of an earlier scan: Ah > 0. */
  readonly refines: boolean;
  /** The bits that later scans have still to add: Al. */
  readonly bitsToCome: number;
  /** MCUs between restart markers, 0 for none. */
  readonly restartInterval: number;
  /** Where the entropy-coded data begins. */
  readonly dataStart: number;
}

/** The bits of entropy-coded data; from the next marker, or the end, on they are zeros, as in libjpeg. */
class EntropyBits {
  #buffer = 0;
  /** Bits in the buffer, and how many of the last ones are made up. */
  #count = 0;
  #zeros = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private at: number,
  ) {}

  /** Whether more bits were taken than there are. */
  get ranOut(): boolean {
    return this.#count < this.#zeros;
  }

  #fill(): void {
    const { bytes } = this;
    while (this.#count <= 24) {
      let byte = bytes[this.at] ?? 0;
      let next = this.at + 1;
      if (byte === 0xff) {
        // Data where a 0 follows, else a marker; 0xFF may be repeated.
        while (bytes[next] === 0xff) next++;
        if (bytes[next++] !== 0) {
          byte = 0;
          next = this.at;
        }
      } else if (next > bytes.length) next = this.at;
      if (next === this.at) this.#zeros += 8;
      this.at = next;
      this.#buffer = (this.#buffer << 8) | byte;
      this.#count += 8;
    }
  }

  /** The next bits, at most 15, as a number. */
  take(count: number): number {
    if (this.#count < count) this.#fill();
    this.#count -= count;
    return (this.#buffer >>> this.#count) & ((1 << count) - 1);
  }

  /** The next symbol. */
  symbol(table: Huffman): number {
    if (this.#count < 17) this.#fill();
    const entry = table[(this.#buffer >>> (this.#count - 16)) & 0xffff] as number;
    this.#count -= entry >> 8;
    return entry & 0xff;
  }

  /**
   * Goes on behind the next restart marker.
   *
   * @param expected 0 to 7. Of others, libjpeg's `jpeg_resync_to_restart` takes the next two for a sign that some are lost, and
   * stays ahead of them; those of the last two for late ones, and goes on searching.
   */
  restart(expected: number): void {
    const { bytes } = this;
    this.#count = 0;
    this.#zeros = 0;
    for (;;) {
      const at = bytes.indexOf(0xff, this.at);
      this.at = at < 0 ? bytes.length : at;
      let next = this.at + 1;
      while (bytes[next] === 0xff) next++;
      const marker = bytes[next++];
      if (marker === undefined) return;
      if (marker > 0) {
        const ahead = (marker - expected) & 7;
        if (marker < 0xd0 || marker > 0xd7 || ahead === 1 || ahead === 2) return;
        this.at = next;
        if (ahead < 6) return;
      }
      this.at = next;
    }
  }
}

/** The Huffman table whose list of counts is at `at` (T.81, annex C). */
function buildHuffman(bytes: Uint8Array, at: number): Huffman {
  const table = new Uint16Array(0x1_0000).fill(NO_CODE);
  let symbol = at + 16;
  for (let length = 1, code = 0; length <= 16; length++) {
    for (let count = bytes[at + length - 1] as number; count > 0; count--) {
      const next = code + (0x1_0000 >> length);
      table.fill((length << 8) | (bytes[symbol++] as number), code, next);
      code = next;
    }
  }
  return table;
}

/** Every scan that begins, in turn. */
function readScans(bytes: Uint8Array, { components, segments }: JpegForDecoding): Scan[] {
  const scans: Scan[] = [];
  // By class and number of the table, as in the segment.
  const tables = new Map<number, number>();
  let restartInterval = 0;
  for (const { marker, start, end } of segments) {
    const byte = (at: number) => (at < end ? (bytes[at] as number) : 0);
    if (marker === DRI) restartInterval = byte(start) * 256 + byte(start + 1);
    if (marker === DHT) {
      for (let at = start; at + 17 <= end; ) {
        tables.set(byte(at), at + 1);
        const counts = bytes.subarray(at + 1, at + 17);
        at = counts.reduce((sum, count) => sum + count, at + 17);
      }
    }
    if (marker !== SOS) continue;
    const parameters = start + 1 + byte(start) * 2;
    const chosen: ScanComponent[] = [];
    for (let at = start + 1; at < parameters; at += 2) {
      const index = components.findIndex(({ id }) => id === byte(at));
      const dcTable = tables.get(byte(at + 1) >> 4);
      const acTable = tables.get(0x10 | (byte(at + 1) & 15));
      if (index >= 0) chosen.push({ index, dcTable, acTable });
    }
    scans.push({
      components: chosen,
      first: byte(parameters),
      last: Math.min(byte(parameters + 1), 63),
      refines: byte(parameters + 2) > 15,
      bitsToCome: byte(parameters + 2) & 15,
      restartInterval,
      dataStart: end,
    });
  }
  return scans;
}

/**
 * Whether the scans that begin code every coefficient of every component to its last bit. Of a progressive file with only the
 * first scans, libjpeg makes a picture without details, and has nothing to say of it.
 */
function codeEverything(scans: readonly Scan[], { components, progressive }: JpegForDecoding): boolean {
  const bitsToCome = components.map(() => new Uint8Array(64).fill(0xff));
  for (const scan of scans) {
    for (const { index } of scan.components) {
      if (progressive) bitsToCome[index]?.fill(scan.bitsToCome, scan.first, scan.last + 1);
      else bitsToCome[index]?.fill(0);
    }
  }
  return bitsToCome.every((component) => component.every((bits) => bits === 0));
}

/** Reads one block from the data. */
type ReadBlock = (bits: EntropyBits, block: number) => void;

/** A block of a sequential scan (T.81, F.2.2). */
function readSequential(dc: Huffman, ac: Huffman): ReadBlock {
  return (bits) => {
    bits.take(bits.symbol(dc) & 15);
    for (let k = 1; k < 64; k++) {
      const symbol = bits.symbol(ac);
      const size = symbol & 15;
      if (size === 0 && symbol !== 0xf0) return;
      k += symbol >> 4;
      bits.take(size);
    }
  };
}

/** A word with the bits `from` to `to` set; none where `to` is the lower. */
function span(from: number, to: number): number {
  return from > to ? 0 : (-1 << from) & (-1 >>> (31 - to));
}

/** Number of bits that are set in a word of 32. */
function countBits(word: number): number {
  const pairs = word - ((word >>> 1) & 0x5555_5555);
  const fours = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}

/**
 * Blocks of one component that scans of spectral selection have gone through: how many bits a refinement takes depends on which
 * coefficients are not zero yet.
 */
class Spectrum {
  /** A bit for each coefficient that is not zero, in zigzag order; two numbers a block. */
  readonly #nonzero: Uint32Array;
  /** Blocks that are at their end already, the next one first: EOBRUN. */
  #endOfBandRun = 0;

  constructor(blocks: number) {
    this.#nonzero = new Uint32Array(blocks * 2);
  }

  /** Where the bands end, as they do at a restart marker. */
  restart(): void {
    this.#endOfBandRun = 0;
  }

  #isNonzero(block: number, k: number): boolean {
    return (((this.#nonzero[block * 2 + (k >> 5)] as number) >>> (k & 31)) & 1) > 0;
  }

  #set(block: number, k: number): void {
    // libjpeg lets what lies behind the last coefficient be that one.
    const at = Math.min(k, 63);
    this.#nonzero[block * 2 + (at >> 5)]! |= 1 << (at & 31);
  }

  /** A block where its band is coded first (T.81, G.1.2.2). */
  readFirst({ first, last }: Scan, ac: Huffman): ReadBlock {
    return (bits, block) => {
      if (this.#endOfBandRun > 0) {
        this.#endOfBandRun--;
        return;
      }
      for (let k = first; k <= last; k++) {
        const symbol = bits.symbol(ac);
        const run = symbol >> 4;
        const size = symbol & 15;
        if (size === 0 && run < 15) {
          this.#endOfBandRun = (1 << run) + bits.take(run) - 1;
          return;
        }
        k += run;
        bits.take(size);
        if (size > 0) this.#set(block, k);
      }
    };
  }

  /** A block where its band is refined (T.81, G.1.2.3): with a bit for each coefficient that is passed and not zero. */
  readRefinement({ first, last }: Scan, ac: Huffman): ReadBlock {
    return (bits, block) => {
      let k = first;
      for (; this.#endOfBandRun === 0 && k <= last; k++) {
        const symbol = bits.symbol(ac);
        const size = symbol & 15;
        let run = symbol >> 4;
        if (size > 0) bits.take(1);
        else if (run < 15) {
          this.#endOfBandRun = (1 << run) + bits.take(run);
          break;
        }
        for (; k <= last; k++) {
          if (this.#isNonzero(block, k)) bits.take(1);
          else if (--run < 0) break;
        }
        if (size > 0) this.#set(block, k);
      }
      if (this.#endOfBandRun === 0) return;
      this.#endOfBandRun--;
      // Not one by one: a hostile file has nothing but such blocks, as many as memory holds, in each of its scans.
      const low = k < 32 ? (this.#nonzero[block * 2] as number) & span(k, Math.min(last, 31)) : 0;
      const high =
        last > 31 ? (this.#nonzero[block * 2 + 1] as number) & span(Math.max(k - 32, 0), last - 32) : 0;
      for (let count = countBits(low) + countBits(high); count > 0; count -= 15)
        bits.take(Math.min(count, 15));
    };
  }
}

/** The number of MCUs in a scan, and how many blocks of each of its components make one (T.81, A.2). */
function layOut(
  scan: Scan,
  { width, height, components }: JpegForDecoding,
): { mcus: number; blocks: number[] } {
  const chosen = scan.components.map(({ index }) => components[index]!);
  const widest = 8 * Math.max(...components.map(({ horizontal }) => horizontal));
  const tallest = 8 * Math.max(...components.map(({ vertical }) => vertical));
  const [only, another] = chosen;
  if (only && !another) {
    const across = Math.ceil((width * only.horizontal) / widest);
    return { mcus: across * Math.ceil((height * only.vertical) / tallest), blocks: [1] };
  }
  return {
    mcus: Math.ceil(width / widest) * Math.ceil(height / tallest),
    blocks: chosen.map(({ horizontal, vertical }) => horizontal * vertical),
  };
}

/** `undefined` where a table is not in the file. */
function chooseReader(
  scan: Scan,
  { dcTable, acTable }: ScanComponent,
  progressive: boolean,
  spectrum: Spectrum,
  bytes: Uint8Array,
): ReadBlock | undefined {
  if (progressive && scan.first === 0) {
    if (scan.refines) return (bits) => bits.take(1);
    if (dcTable === undefined) return undefined;
    const dc = buildHuffman(bytes, dcTable);
    return (bits) => bits.take(bits.symbol(dc) & 15);
  }
  if (acTable === undefined) return undefined;
  const ac = buildHuffman(bytes, acTable);
  if (progressive) return scan.refines ? spectrum.readRefinement(scan, ac) : spectrum.readFirst(scan, ac);
  return dcTable === undefined ? undefined : readSequential(buildHuffman(bytes, dcTable), ac);
}

/** Goes through a scan. Whether its data holds out, from the last restart marker on. */
function readScan(
  bytes: Uint8Array,
  { restartInterval, dataStart }: Scan,
  mcus: number,
  blocks: readonly ReadBlock[],
  spectrum: Spectrum,
): boolean {
  const bits = new EntropyBits(bytes, dataStart);
  spectrum.restart();
  let missing = false;
  for (let mcu = 0; mcu < mcus; mcu++) {
    if (restartInterval > 0 && mcu > 0 && mcu % restartInterval === 0) {
      bits.restart((mcu / restartInterval - 1) & 7);
      spectrum.restart();
      missing = false;
    }
    // As in libjpeg, what else there is up to the next restart marker is skipped.
    if (missing) continue;
    // The number matters where there is one block to an MCU.
    for (const read of blocks) read(bits, mcu);
    missing = bits.ranOut;
  }
  return !missing;
}

/**
 * Whether a JPEG without an end marker holds all of its pixels: all scans, and the last one to its end. The decoder cannot be
 * asked: libjpeg makes up what is missing, and tells of the first flaw only, which may be another. Nor do two decodes tell, with
 * different data behind the cut: measured at every cut of small files, some ended in the same wrong pixels.
 *
 * The bits of the last scan are counted, code by code, and not decoded. Where it refines a band, how many there have to be depends
 * on the earlier scans of that component, which are gone through too. Data that is missing ahead of the last scan, or ahead of its
 * last restart marker, is no matter here: that file is damaged, not cut off. Without its own Huffman tables a file counts as cut off.
 */
export function holdsAllPixels(bytes: Uint8Array, jpeg: JpegForDecoding): boolean {
  const scans = readScans(bytes, jpeg);
  const lastScan = scans.at(-1);
  if (!lastScan || !codeEverything(scans, jpeg)) return false;
  const { progressive } = jpeg;
  const refinesBand = progressive && lastScan.refines && lastScan.first > 0;
  const [ofLast] = lastScan.components;
  const toRead = scans.filter((scan) => {
    const { first, components } = scan;
    return scan === lastScan || (refinesBand && first > 0 && components[0]?.index === ofLast?.index);
  });
  const { mcus, blocks } = layOut(lastScan, jpeg);
  if (blocks.reduce((sum, count) => sum + count, 0) > MAX_BLOCKS_IN_MCU) return false;
  const spectrum = new Spectrum(mcus);
  let whole = false;
  for (const scan of toRead) {
    const readers = scan.components.map((c) => chooseReader(scan, c, progressive, spectrum, bytes));
    const perMcu = readers.flatMap((reader, i) => Array.from({ length: blocks[i] ?? 1 }, () => reader));
    if (!perMcu.every((reader) => reader !== undefined)) return false;
    whole = readScan(bytes, scan, mcus, perMcu, spectrum);
  }
  return whole;
}
