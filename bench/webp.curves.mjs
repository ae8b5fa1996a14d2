// Draws rate-distortion curves: SSIM and PSNR of luma over bits a pixel, one drawing a picture and one of the photographs' means.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import sharp from 'sharp';
import { mean } from './webp.ratios.mjs';

echarts.use([LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

const WIDTH = 960;
const HEIGHT = 420;
const FONT = 'DejaVu Sans, Liberation Sans, sans-serif';
/** One colour a pair: ours drawn through, its peer broken. */
const STYLES = {
  'sharp 0': { color: '#d62728', type: 'dashed' },
  'sharp 4': { color: '#1769c4', type: 'dashed' },
  'sharp 6': { color: '#2a8a3e', type: 'dashed' },
  'pixbytes fast': { color: '#d62728', type: 'solid' },
  'pixbytes balanced': { color: '#1769c4', type: 'solid' },
  'pixbytes smallest': { color: '#2a8a3e', type: 'solid' },
};

/** The curves of several pictures as one: means of each number of quality. */
function meanCurves(entries) {
  const names = [...entries[0].curves.keys()].filter((name) =>
    entries.every(({ curves }) => curves.has(name)),
  );
  return new Map(
    names.map((name) => {
      const all = entries.map(({ curves, pixels }) =>
        curves.get(name).map((point) => ({ ...point, bits: (point.bytes * 8) / pixels })),
      );
      const points = all[0].map(({ quality }, i) => ({
        quality,
        bits: mean(all.map((points) => points[i].bits)),
        ssim: mean(all.map((points) => points[i].ssim)),
        psnrLuma: mean(all.map((points) => points[i].psnrLuma)),
      }));
      return [name, points];
    }),
  );
}

/** A drawing as SVG, its two charts side by side. */
function draw(title, curves) {
  const names = Object.keys(STYLES).filter((name) => curves.has(name));
  const charts = [
    { key: 'ssim', name: 'SSIM of luma', digits: 3 },
    { key: 'psnrLuma', name: 'PSNR of luma, dB', digits: 1 },
  ];
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT });
  chart.setOption({
    animation: false,
    backgroundColor: '#fff',
    textStyle: { fontFamily: FONT, fontSize: 12 },
    title: { text: title, left: 'center', top: 8, textStyle: { fontFamily: FONT, fontSize: 15 } },
    legend: { data: names, bottom: 6, itemWidth: 34, itemGap: 26, textStyle: { fontFamily: FONT } },
    grid: charts.map((_, i) => ({ left: 64 + (i * WIDTH) / 2, width: WIDTH / 2 - 84, top: 62, bottom: 84 })),
    xAxis: charts.map((_, gridIndex) => ({
      gridIndex,
      type: 'value',
      name: 'bits a pixel',
      nameLocation: 'middle',
      nameGap: 26,
      min: 0,
    })),
    yAxis: charts.map(({ name, digits }, gridIndex) => ({
      gridIndex,
      type: 'value',
      name,
      nameTextStyle: { align: 'left', padding: [0, 0, 0, -40] },
      scale: true,
      axisLabel: { formatter: (value) => value.toFixed(digits) },
    })),
    series: charts.flatMap(({ key }, i) =>
      names.map((name) => ({
        name,
        type: 'line',
        xAxisIndex: i,
        yAxisIndex: i,
        symbol: 'circle',
        symbolSize: 5,
        itemStyle: { color: STYLES[name].color },
        lineStyle: { width: 2, ...STYLES[name] },
        data: curves.get(name).map((point) => [point.bits, point[key]]),
      })),
    ),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

/**
 * @param {string} folder made where it is missing
 * @param {readonly { name: string, kind: string, pixels: number, curves: Map<string, import('./webp.lossy.mjs').Point[]> }[]} entries
 * @returns {Promise<string[]>} the files, SVG and PNG of each drawing
 */
export async function drawCurves(folder, entries) {
  await mkdir(folder, { recursive: true });
  const drawn = entries.filter(({ curves }) => curves.size > 0);
  const drawings = drawn.map((entry) => [entry.name, meanCurves([entry])]);
  const photographs = drawn.filter(({ kind }) => kind === 'photograph');
  if (photographs.length > 1)
    drawings.push([`photographs, means of ${photographs.length}`, meanCurves(photographs)]);
  const files = [];
  for (const [title, curves] of drawings) {
    const svg = draw(`WebP: ${title}`, curves);
    const name = title.replaceAll(/[^\w.]+/g, '-').replace(/\.png$/, '');
    const path = join(folder, name);
    await writeFile(`${path}.svg`, svg);
    // Few colours: a palette makes it small.
    await sharp(Buffer.from(svg))
      .flatten({ background: '#fff' })
      .png({ palette: true, colours: 64 })
      .toFile(`${path}.png`);
    files.push(`${path}.svg`, `${path}.png`);
  }
  return files;
}
