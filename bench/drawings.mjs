// Drawings made by code, the same on every machine: rendered from SVG, with letters of strokes as no font is
// needed then, or computed sample by sample.

import sharp from 'sharp';

/** Strokes on a grid of 4 by 6, with room for descenders below. */
const STROKES = {
  a: 'M0 3Q0 2 2 2T4 4V6M4 4H2Q0 4 0 5T2 6T4 5',
  b: 'M0 0V6M0 4Q0 2 2 2T4 4T2 6T0 4',
  c: 'M4 3Q4 2 2 2T0 4T2 6T4 5',
  d: 'M4 0V6M4 4Q4 2 2 2T0 4T2 6T4 4',
  e: 'M0 4H4Q4 2 2 2T0 4T2 6H4',
  f: 'M4 0Q2 0 2 2V6M0 2H4',
  g: 'M4 2V7Q4 8 2 8H0M4 4Q4 2 2 2T0 4T2 6T4 4',
  h: 'M0 0V6M0 4Q0 2 2 2T4 4V6',
  i: 'M2 2V6M2 0V.5',
  j: 'M3 2V7Q3 8 1 8M3 0V.5',
  k: 'M0 0V6M4 2L0 4L4 6',
  l: 'M2 0V5Q2 6 3 6',
  m: 'M0 2V6M0 3Q0 2 1 2T2 3V6M2 3Q2 2 3 2T4 3V6',
  n: 'M0 2V6M0 4Q0 2 2 2T4 4V6',
  o: 'M2 2Q0 2 0 4T2 6T4 4T2 2',
  p: 'M0 2V8M0 4Q0 2 2 2T4 4T2 6T0 4',
  q: 'M4 2V8M4 4Q4 2 2 2T0 4T2 6T4 4',
  r: 'M0 2V6M0 4Q0 2 3 2',
  s: 'M4 2H2Q0 2 0 3T2 4T4 5T2 6H0',
  t: 'M2 0V5Q2 6 4 6M0 2H4',
  u: 'M0 2V4Q0 6 2 6T4 4M4 2V6',
  v: 'M0 2L2 6L4 2',
  w: 'M0 2L1 6L2 3L3 6L4 2',
  x: 'M0 2L4 6M4 2L0 6',
  y: 'M0 2L2 6M4 2L1 8',
  z: 'M0 2H4L0 6H4',
  0: 'M2 0Q0 0 0 3T2 6T4 3T2 0',
  1: 'M1 1L2 0V6M1 6H3',
  2: 'M0 1Q0 0 2 0T4 2L0 6H4',
  3: 'M0 0H4L2 2Q4 2 4 4T2 6H0',
  4: 'M3 6V0L0 4H4',
  5: 'M4 0H0V2H2Q4 2 4 4T2 6H0',
  6: 'M4 0Q0 0 0 4T2 6T4 4T0 4',
  7: 'M0 0H4L1 6',
  8: 'M2 3Q0 3 0 1.5T2 0T4 1.5T2 3Q4 3 4 4.5T2 6T0 4.5T2 3',
  9: 'M4 2Q4 0 2 0T0 2T4 2Q4 6 0 6',
};

const WORDS =
  'the pixels of an image are written row by row and every row begins with the filter that was chosen for it when few colours are used a palette is kept the window scrolls while text is set in columns open file save view run 2048 731 96 50 1 settings layers history export colour select'.split(
    ' ',
  );

/** The same numbers from 0 to 2^32 in each run (xorshift32). */
function random(seed) {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

const glyphs = Object.entries(STROKES)
  .map(([letter, d]) => `<path id="g${letter}" d="${d}"/>`)
  .join('');

/** A line of text. An advance that is no whole number puts letters between pixels, as renderers of text do. */
function line(text, x, y, { size = 1.6, advance = 9.3, colour = '#222', weight = 0.75 } = {}) {
  const uses = [...text].map((letter, i) =>
    letter === ' '
      ? ''
      : `<use href="#g${letter}" transform="translate(${x + i * advance} ${y}) scale(${size})"/>`,
  );
  return `<g fill="none" stroke="${colour}" stroke-width="${weight}" stroke-linecap="round">${uses.join('')}</g>`;
}

function words(next, letters) {
  let text = '';
  for (;;) {
    const word = WORDS[next() % WORDS.length];
    if (text.length + word.length > letters) return text.trim();
    text += `${word} `;
  }
}

const rect = (x, y, width, height, fill, more = '') =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${fill}" ${more}/>`;

const FADES = `<linearGradient id="bar" x2="0" y2="1"><stop stop-color="#fdfdfe"/><stop offset="1" stop-color="#d4dae4"/></linearGradient>
<linearGradient id="warm" x2="1" y2="1"><stop stop-color="#ffb347"/><stop offset="1" stop-color="#e0245e"/></linearGradient>
<radialGradient id="glow"><stop stop-color="#fff"/><stop offset="1" stop-color="#1769c4"/></radialGradient>
<filter id="soft" x="-20%" y="-20%" width="140%" height="140%"><feGaussianBlur stdDeviation="9"/></filter>`;

/** Renders a drawing: RGBA, or RGB where it has no alpha to keep. */
async function render(width, height, body, pixelFormat) {
  const head = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`;
  const image = sharp(Buffer.from(`${head}<defs>${glyphs}${FADES}</defs>${body}</svg>`));
  const data = await (pixelFormat === 'rgba8' ? image.ensureAlpha() : image.removeAlpha()).raw().toBuffer();
  return { data, width, height, pixelFormat };
}

/** A page with a toolbar, a side bar, paragraphs, a table and buttons. RGBA, opaque, as a canvas gives it. */
export function drawPage() {
  const next = random(7);
  const parts = [rect(0, 0, 1280, 960, '#fff'), rect(0, 0, 1280, 48, 'url(#bar)')];
  for (let i = 0; i < 9; i++) {
    parts.push(rect(14 + i * 110, 9, 98, 30, '#f6f8fb', 'rx="6" stroke="#b8c2d0"'));
    parts.push(line(WORDS[i * 5], 26 + i * 110, 18));
  }
  parts.push(rect(0, 48, 240, 912, '#eef1f6'), rect(240, 48, 1, 912, '#c9d0da'));
  for (let i = 0; i < 28; i++) {
    if (i === 4) parts.push(rect(6, 64 + i * 31, 228, 28, '#1769c4', 'rx="5"'));
    parts.push(line(words(next, 20), 18, 72 + i * 31, { colour: i === 4 ? '#fff' : '#333' }));
  }
  for (let i = 0; i < 21; i++) parts.push(line(words(next, 106), 262, 70 + i * 24));
  for (let i = 0; i < 14; i++) {
    parts.push(rect(262, 592 + i * 25, 990, 25, i % 2 ? '#f4f6fa' : '#fff'));
    for (let c = 0; c < 5; c++)
      parts.push(line(words(next, 18), 270 + c * 198, 599 + i * 25, { colour: '#444' }));
  }
  return render(1280, 960, parts.join(''), 'rgba8');
}

/** A terminal, dark, its letters on a grid in a few colours. RGB. */
export function drawTerminal() {
  const next = random(11);
  const colours = ['#d8dee9', '#88c0d0', '#a3be8c', '#ebcb8b', '#bf616a'];
  const parts = [rect(0, 0, 1000, 720, '#20242c')];
  for (let row = 0; row < 39; row++) {
    const indent = (next() % 4) * 18;
    const letters = 20 + (next() % 70);
    for (let x = indent, left = letters; left > 4; ) {
      const text = words(next, Math.min(left, 6 + (next() % 22)));
      parts.push(line(text, 8 + x, 8 + row * 18, { advance: 9, colour: colours[next() % 5] }));
      x += (text.length + 1) * 9;
      left -= text.length + 1;
      if (text.length === 0) break;
    }
  }
  return render(1000, 720, parts.join(''), 'rgb8');
}

/** A chart: axes, a grid, three curves and bars. RGB. */
export function drawChart() {
  const next = random(13);
  const parts = [rect(0, 0, 1000, 600, '#fff')];
  for (let i = 0; i <= 10; i++) {
    parts.push(
      `<path d="M70 ${40 + i * 50}H970" stroke="#e2e2e2"/>`,
      line(String(1000 - i * 100), 24, 35 + i * 50),
    );
    parts.push(`<path d="M${70 + i * 90} 40V540" stroke="#e2e2e2"/>`, line(String(i * 12), 62 + i * 90, 556));
  }
  for (let i = 0; i < 30; i++) {
    const height = 40 + (next() % 180);
    parts.push(rect(76 + i * 30, 540 - height, 20, height, '#9ecae1', 'stroke="#3182bd"'));
  }
  for (const [i, colour] of ['#d62728', '#2ca02c', '#ff7f0e'].entries()) {
    const points = Array.from({ length: 181 }, (_, x) => {
      const wave = Math.round(60 * Math.sin((x * (i + 2)) / 23)) + (next() % 21);
      return `${70 + x * 5} ${140 + i * 90 - wave}`;
    });
    parts.push(`<path d="M${points.join('L')}" fill="none" stroke="${colour}" stroke-width="2"/>`);
    parts.push(rect(760, 50 + i * 22, 24, 3, colour), line(words(next, 14), 792, 46 + i * 22));
  }
  parts.push('<path d="M70 40V540H970" fill="none" stroke="#222" stroke-width="1.5"/>');
  return render(1000, 600, parts.join(''), 'rgb8');
}

const mark = `<circle cx="256" cy="266" r="170" fill="#000" opacity=".5" filter="url(#soft)"/>
<circle cx="256" cy="246" r="176" fill="url(#warm)"/>
<path d="M160 330L256 120L352 330Z" fill="#fff" opacity=".9"/><circle cx="256" cy="262" r="44" fill="url(#glow)"/>`;

/** A logo on nothing, with a soft shadow. RGBA. */
export const drawLogo = () => render(512, 512, mark, 'rgba8');

/** The same as an icon of 64 by 64 pixels. */
export const drawIcon = () => render(64, 64, `<g transform="scale(.125)">${mark}</g>`, 'rgba8');

/** Sprites of 8 by 8 pixels in 16 colours on a map, each pixel four wide and high. RGBA. */
export function drawPixelArt() {
  const next = random(17);
  const width = 640;
  const height = 480;
  const colours = Array.from({ length: 16 }, () => [next() & 0xff, next() & 0xff, next() & 0xff, 255]);
  const sprites = Array.from({ length: 24 }, () => {
    const shades = [next() % 16, next() % 16, next() % 16];
    // Mirrored, as most sprites are.
    const half = Array.from({ length: 32 }, () => shades[Math.min(2, next() % 4)]);
    return (x, y) => half[y * 4 + (x < 4 ? x : 7 - x)];
  });
  const map = Array.from({ length: 20 * 15 }, () => (next() % 3 ? next() % 3 : next() % 24));
  const data = new Uint8Array(width * height * 4);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      const sprite = sprites[map[(y >> 5) * 20 + (x >> 5)]];
      data.set(colours[sprite((x >> 2) & 7, (y >> 2) & 7)], at);
    }
  }
  return { data, width, height, pixelFormat: 'rgba8' };
}

/** A sky: smooth in both directions, each channel its own way. RGB. */
export function drawGradient() {
  const width = 1024;
  const height = 768;
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      data[at++] = (x * 200) / width + (y * 55) / height;
      data[at++] = 40 + (y * 180) / height;
      data[at++] = 255 - (x * y * 120) / (width * height);
    }
  }
  return { data, width, height, pixelFormat: 'rgb8' };
}

/** A glow of 131 colours that fades away, in bands on the left and dithered on the right, as writers of GIF and palettes leave it. RGBA. */
export function drawFewColours() {
  const next = random(23);
  const width = 800;
  const height = 600;
  const last = 130;
  const colours = Array.from({ length: last + 1 }, (_, i) => [255 - (i >> 2), 220 - i, 60 + i, 255 - i]);
  const data = new Uint8Array(width * height * 4);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      const squares = ((x - 400) / 400) ** 2 + ((y - 300) / 300) ** 2;
      const dither = x < width >> 1 ? 0.5 : next() / 2 ** 32;
      data.set(colours[Math.min(last, Math.floor((squares * last) / 2 + dither))], at);
    }
  }
  return { data, width, height, pixelFormat: 'rgba8' };
}

/** Random samples: nothing can be won. RGB. */
export function drawNoise() {
  const next = random(19);
  const data = Uint8Array.from({ length: 512 * 512 * 3 }, () => next() >>> 24);
  return { data, width: 512, height: 512, pixelFormat: 'rgb8' };
}
