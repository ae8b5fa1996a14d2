import { describe, expect, it } from 'vitest';
import { compareWithIndex, corpusFiles, hasCorpus, titled } from './corpus.js';

const valid = corpusFiles(['webp-libwebp', 'webp-odd'], /\.webp$/).filter((file) => file.expect === 'ok');

describe.skipIf(!hasCorpus)(titled('WebP files of the corpus'), () => {
  it('are all there', () => {
    expect(valid.length).toBeGreaterThan(65);
  });

  // Lossy ones too: RFC 6386 leaves no room, and the conversion to RGB is libwebp's.
  it.each(valid)('$path has the pixels of the index', async (file) => {
    await compareWithIndex(file);
  });
});
