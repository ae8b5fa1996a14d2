import { describe, expect, it } from 'vitest';
import { crc32 } from '../../src/container/crc32.js';
import { decode, probe, transcode } from '../../src/index.js';
import { concat, ihdr, PNG_SIGNATURE, pngChunk } from '../container/samples.js';
import { checkGoodFile, corpusFiles, hasCorpus, outcomeOf, readCorpus, Tally, titled } from './corpus.js';

const FUZZ = ['fuzz-png', 'fuzz-jpeg', 'fuzz-webp'];
const ODD = ['hostile-synthetic', 'png-odd', 'jpeg-odd', 'webp-odd', 'jpeg-libjpegturbo', 'pngsuite', 'apng'];
const files = corpusFiles([...FUZZ, ...ODD]);

/** Whether an outcome is one of those that the corpus wants. */
function isWanted(wanted: string, outcome: string, mode: string): boolean {
  const refused = outcome !== 'ok' && outcome !== 'TypeError' && outcome !== 'RangeError';
  if (wanted === 'ok') return mode === 'CMYK' ? outcome === 'UNSUPPORTED_FEATURE' : outcome === 'ok';
  if (wanted === 'error' || wanted === 'ref-both-error') return refused;
  if (wanted === 'ok-or-limit-error') return outcome === 'ok' || outcome === 'LIMIT_EXCEEDED';
  return outcome === 'ok' || refused;
}

/** The same file with the right CRC behind each chunk, so that damage reaches the decoder. */
function repairCrcs(path: string, file: Uint8Array): Uint8Array {
  if (!path.endsWith('.png')) return file;
  const view = new DataView(file.buffer);
  for (let at = 8; at + 12 <= file.length; ) {
    const end = at + 8 + view.getUint32(at);
    if (end + 4 > file.length) break;
    view.setUint32(end, crc32(file, at + 4, end));
    at = end + 4;
  }
  return file;
}

/** Decodes, and where that fails a good file after it. */
async function decodeAndRecover(path: string, bytes: Uint8Array): Promise<string> {
  const outcome = await outcomeOf(path, async () => {
    const { data, width, height } = await decode(bytes);
    expect(data.length, path).toBe(width * height * 4);
  });
  if (outcome !== 'ok') await checkGoodFile(path);
  return outcome;
}

describe.skipIf(!hasCorpus)(titled('hostile, corrupt, odd and fuzz files of the corpus'), () => {
  it('are decoded or refused as the index wants, and leave no instance spoilt', async () => {
    expect(files.length).toBeGreaterThan(650);
    const all = new Tally();
    const unwanted: string[] = [];
    for (const { path, expect: wanted, mode } of files) {
      const outcome = await decodeAndRecover(path, readCorpus(path));
      if (!isWanted(wanted, outcome, mode)) unwanted.push(`${path}: ${outcome}, not ${wanted}`);
      all.add(outcome);
    }
    all.print(`decode, ${files.length} files`);
    expect(unwanted).toEqual([]);
  });

  it('hostile-synthetic come to what EXPECT.json wants', async () => {
    const wanted = JSON.parse(readCorpus('hostile-synthetic/EXPECT.json').toString()) as Record<
      string,
      { expect: string }
    >;
    expect(Object.keys(wanted).length).toBe(15);
    for (const [name, { expect: outcomes }] of Object.entries(wanted)) {
      const outcome = await outcomeOf(name, () => decode(readCorpus(`hostile-synthetic/${name}`)));
      expect(isWanted(outcomes, outcome, ''), `${name}: ${outcome}, not ${outcomes}`).toBe(true);
    }
  });

  it('are probed or refused', async () => {
    const all = new Tally();
    for (const { path } of files) all.add(await outcomeOf(path, () => probe(readCorpus(path))));
    all.print(`probe, ${files.length} files`);
  });

  it('are transcoded or refused', async () => {
    const all = new Tally();
    for (const { path } of files) {
      const file = readCorpus(path);
      const to = path.endsWith('.png') ? 'jpeg' : 'png';
      const outcome = await outcomeOf(path, () => transcode(file, to, { effort: 'fast' }));
      // The same file with one verb as with the other.
      expect(`${path} ${outcome}`).toBe(`${path} ${await outcomeOf(path, () => decode(file))}`);
      all.add(outcome);
    }
    all.print(`transcode, ${files.length} files`);
  });

  it('streams of fuzz-inflate, as files and as the pixels of PNG files', async () => {
    const all = new Tally();
    for (const { path } of corpusFiles(['fuzz-inflate'], /\.zz$/)) {
      const stream = readCorpus(path);
      expect(await outcomeOf(path, () => decode(stream)), path).toBe('UNKNOWN_FORMAT');
      // As they are, and behind a zlib header where they may have none.
      for (const pixels of [stream, concat([0x78, 0x01], stream)]) {
        for (const side of [1, 13, 150]) {
          const chunks = [ihdr(side, side, 8, 0), pngChunk('IDAT', pixels), pngChunk('IEND')];
          const outcome = await decodeAndRecover(path, concat(PNG_SIGNATURE, ...chunks));
          // zlib can read none of them to the end either.
          expect(outcome, path).toBe('CORRUPT_INPUT');
          all.add(outcome);
        }
      }
    }
    all.print('fuzz-inflate in PNG');
  });

  it('damage to good files: cut off anywhere, bytes overwritten', async () => {
    const all = new Tally();
    let seed = 1;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    for (const path of [
      'pngsuite/basi6a08.png',
      'pngsuite/basn3p04.png',
      'pngsuite/basn2c16.png',
      'jpeg-odd/restarts.jpg',
      'jpeg-odd/non_interleaved_444_64x64.jpg',
      'webp-odd/lossy_alpha.webp',
      'webp-libwebp/lossless_vec_1_15.webp',
      'webp-libwebp/small_31x13.webp',
    ]) {
      const whole = Uint8Array.from(readCorpus(path));
      for (let i = 0; i < 60; i++) {
        const cut = whole.slice(0, Math.floor((whole.length * i) / 60));
        all.add(await decodeAndRecover(path, cut));
        const struck = whole.slice();
        for (let n = random(6); n >= 0; n--) struck[random(struck.length)] = random(256);
        all.add(await decodeAndRecover(path, repairCrcs(path, struck)));
      }
    }
    all.print('damaged');
  });
});
