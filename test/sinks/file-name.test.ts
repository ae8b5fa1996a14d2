import { expect, it } from 'vitest';
import { withExtension } from '../../src/sinks/file-name.js';

it.each(['photo.jpg', 'photo.JPEG', 'a.b.tiff', 'clip.7z', 'clip.mp4', '.config.json', 'ä.webp', 'x.c'])(
  'leaves %s as it is',
  (name) => expect(withExtension(name, 'png')).toBe(name),
);

it.each([
  ['photo', 'photo.png'],
  ['photo.', 'photo.png'],
  ['.env', '.env.png'],
  ['v1.2', 'v1.2.png'],
  ['2024.05.01', '2024.05.01.png'],
  ['Mr. Smith', 'Mr. Smith.png'],
])('gives %s an extension', (name, named) => expect(withExtension(name, 'png')).toBe(named));

it('refuses what is no name', () => {
  expect(() => withExtension('', 'png')).toThrow(RangeError);
  expect(() => withExtension(undefined, 'png')).toThrow(TypeError);
});
