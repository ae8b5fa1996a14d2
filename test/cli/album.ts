import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import sharp from 'sharp';
import { corpusFiles, hasCorpus, readCorpus } from '../corpus/corpus.js';
import { photograph } from './photographs.js';

/** A folder of pictures, some of them broken. */
export interface Album {
  /** Path below the folder to the size that the picture has. */
  readonly good: ReadonlyMap<string, { readonly width: number; readonly height: number }>;
  readonly broken: readonly string[];
}

const FORMATS = ['png', 'jpeg', 'webp'] as const;

async function writeFixtures(folder: string): Promise<Album> {
  const good = new Map<string, { width: number; height: number }>();
  for (const name of ['astronaut.png', 'coffee.png', 'rocket.jpg'] as const) {
    for (const [index, format] of FORMATS.entries()) {
      for (let width = 40 + 100 * index; width < 400; width += 60) {
        const path = `${name.split('.')[0]}/${width}/${format}.${format}`;
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        const image = sharp(photograph(name)).resize(width);
        good.set(path, await image.toFormat(format).toFile(join(folder, path)));
      }
    }
  }
  const broken = [...good.keys()].filter((_, index) => index % 5 === 0).map((path) => `broken/${path}`);
  for (const path of broken) {
    const file = readFileSync(join(folder, path.slice('broken/'.length)));
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), file.subarray(0, file.length / 2));
  }
  return { good, broken };
}

const CORPUS_FOLDERS = [
  'apng',
  'exif-orientation',
  'graphics-mpl',
  'graphics-openclipart',
  'hostile-synthetic',
  'jpeg-odd',
  'kodak',
  'photos-gb82-cc0',
  'photos-large',
  'photos-skimage',
  'png-libpng',
  'png-odd',
  'pngsuite',
  'screens-gb82-cc0',
  'webp-libwebp',
  'webp-odd',
];

function writeFromCorpus(folder: string, count: number): Album {
  const files = corpusFiles(CORPUS_FOLDERS).filter(({ mode }) => mode !== 'CMYK');
  const broken = files.filter((file) => file.expect === 'error');
  const good = files.filter((file) => file.expect === 'ok').slice(0, count - broken.length);
  // Pictures of one name in several formats would become one.
  const place = ({ path }: { path: string }) => `${extname(path).slice(1)}/${path}`;
  for (const file of [...good, ...broken]) {
    mkdirSync(dirname(join(folder, place(file))), { recursive: true });
    writeFileSync(join(folder, place(file)), readCorpus(file.path));
  }
  return { good: new Map(good.map((file) => [place(file), file])), broken: broken.map(place) };
}

/** Fills a folder with 300 pictures of the corpus, or with fewer made of the project's own photographs where that is not there. */
export async function writeAlbum(folder: string): Promise<Album> {
  return hasCorpus ? writeFromCorpus(folder, 300) : writeFixtures(folder);
}
