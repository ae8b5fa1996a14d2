// What the WebP bench ends with: means of each kind of picture, and the goals of the project with what was reached of them.

import { formatTable, signed } from './tables.mjs';
import { mean, meanRatio, percent, times } from './webp.ratios.mjs';

/** @typedef {{ name: string, kind: string, duels: Map<string, any> }} Entry a picture, and its duels by the name of our contender */

const decibels = (value) => (Number.isFinite(value) ? `${signed(value, 2)} dB` : '');
const isPhotograph = ({ kind }) => kind === 'photograph';
const isScreen = ({ kind }) => kind === 'screen';
const isGraphic = (entry) => !isPhotograph(entry);
const any = () => true;

/** The duels of one of ours over the chosen pictures that have a figure of the kind. */
const figures = (entries, name, key, isIn = any) =>
  entries.filter(isIn).flatMap((entry) => {
    const value = entry.duels.get(name)?.[key];
    return Number.isFinite(value) ? [{ picture: entry.name, kind: entry.kind, value }] : [];
  });

/** The mean of each kind of picture. */
function byKind(found) {
  const kinds = [...new Set(found.map(({ kind }) => kind))];
  return kinds.map((kind) => ({
    picture: kind,
    value: meanRatio(found.filter((figure) => figure.kind === kind).map(({ value }) => value)),
  }));
}

/**
 * @param {readonly Entry[]} entries
 * @param {readonly { name: string, peer?: string }[]} contenders
 * @param {readonly (readonly [title: string, key: string, format: (value: number) => string, mean: (values: number[]) => number])[]} columns
 */
function formatKinds(entries, contenders, columns) {
  const kinds = [...new Set(entries.map(({ kind }) => kind))];
  const groups = [...kinds.map((kind) => [kind, (entry) => entry.kind === kind]), ['all', any]];
  const rows = contenders
    .filter(({ peer }) => peer)
    .flatMap(({ name, peer }) =>
      groups.map(([title, isIn]) => {
        const cells = columns.map(([, key, format, meanOf]) =>
          format(meanOf(figures(entries, name, key, isIn).map(({ value }) => value))),
        );
        const pictures = entries.filter((entry) => isIn(entry) && entry.duels.has(name)).length;
        return [`${name} against ${peer}, ${title}`, String(pictures), ...cells];
      }),
    );
  return formatTable(['', 'pictures', ...columns.map(([title]) => title)], rows);
}

const ratioColumn = (title, key, format) => [title, key, format, meanRatio];

export const formatLosslessKinds = (entries, contenders) =>
  formatKinds(entries, contenders, [
    ratioColumn('speed', 'speed', times),
    ratioColumn('size', 'size', percent),
  ]);

export const formatLossyKinds = (entries, contenders) =>
  formatKinds(entries, contenders, [
    ratioColumn('speed', 'speed', times),
    ratioColumn('size, same number', 'size', percent),
    ratioColumn('size, equal SSIM', 'rateSsim', percent),
    ratioColumn('size, equal PSNR-Y', 'rateLuma', percent),
    ['chroma, equal size', 'chroma', decibels, mean],
  ]);

/** A line: what was reached, and the picture, or the kind of picture, that is farthest from it. */
function line(title, found, value, limit, { isMost = false, format = times } = {}) {
  if (found.length === 0 || !Number.isFinite(value)) return [];
  const worst = found.reduce((far, figure) =>
    isMost === figure.value > far.value && figure.value !== far.value ? figure : far,
  );
  const isReached = isMost ? value <= limit : value >= limit;
  return [
    [
      title,
      format(value),
      `${isMost ? 'at most' : 'at least'} ${format(limit) || format(limit + 1e-9)}`,
      isReached ? 'yes' : 'no',
      `${worst.picture} ${format(worst.value)}`,
    ],
  ];
}

const valuesOf = (found) => found.map(({ value }) => value);
const most = { isMost: true, format: percent };
const meanLine = (title, found, limit, options) =>
  line(title, found, meanRatio(valuesOf(found)), limit, options);
const lowest = (title, found, limit, options) =>
  line(title, found, Math.min(...valuesOf(found)), limit, options);
const highest = (title, found, limit, options) =>
  line(title, found, Math.max(...valuesOf(found)), limit, options);

const formatGoals = (rows) => formatTable(['goal', 'measured', 'wanted', 'reached', 'worst'], rows);

/** @param {readonly Entry[]} entries */
export function formatLosslessGoals(entries) {
  const of = (tier, key, isIn) => figures(entries, `pixbytes lossless ${tier}`, key, isIn);
  const total = (key) => valuesOf(of('smallest', key)).reduce((sum, value) => sum + value, 0);
  const fast = 'fast against sharp lossless 0';
  const balanced = 'balanced against sharp lossless 4';
  const smallest = 'smallest against sharp lossless 6';
  return formatGoals([
    ...meanLine(`${fast}, speed, photographs`, of('fast', 'speed', isPhotograph), 5),
    ...meanLine(`${fast}, speed, screens`, of('fast', 'speed', isScreen), 4),
    ...lowest(`${fast}, speed, any kind`, byKind(of('fast', 'speed')), 2),
    ...meanLine(`${fast}, size, photographs`, of('fast', 'size', isPhotograph), 1, most),
    ...highest(`${fast}, size, any kind`, byKind(of('fast', 'size')), 1.05, most),
    ...meanLine(`${balanced}, speed, photographs`, of('balanced', 'speed', isPhotograph), 10),
    ...meanLine(`${balanced}, size, photographs`, of('balanced', 'size', isPhotograph), 1, most),
    ...meanLine(`${balanced}, speed, graphics`, of('balanced', 'speed', isGraphic), 3),
    ...meanLine(`${balanced}, size, graphics`, of('balanced', 'size', isGraphic), 1.03, most),
    ...line(
      `${smallest}, size in total`,
      of('smallest', 'size'),
      total('bytes') / total('peerBytes'),
      1,
      most,
    ),
    ...meanLine(`${smallest}, speed`, of('smallest', 'speed'), 2),
  ]);
}

/** @param {readonly Entry[]} entries */
export function formatLossyGoals(entries) {
  const of = (tier, key, isIn) => figures(entries, `pixbytes ${tier}`, key, isIn);
  // At the same number, each quality of each photograph counts for itself.
  const same = (key) =>
    entries.filter(isPhotograph).flatMap(({ name, duels }) =>
      (duels.get('pixbytes balanced')?.same ?? []).map((duel) => ({
        picture: `${name}, q${duel.quality}`,
        value: duel[key],
      })),
    );
  const farthest = (found, from) =>
    found.map(({ picture, value }) => ({ picture, value: Math.abs(value - from) }));
  const plain = (digits, unit = '') => ({ format: (value) => `${value.toFixed(digits)}${unit}` });
  const away = (unit, factor, digits) => ({
    isMost: true,
    format: (value) => `${(value * factor).toFixed(digits)}${unit}`,
  });
  const chroma = of('balanced', 'chroma');
  const fast = 'fast against sharp 0';
  const balanced = 'balanced against sharp 4';
  const smallest = 'smallest against sharp 6';
  return formatGoals([
    ...meanLine(`${balanced}, speed`, of('balanced', 'speed'), 3),
    ...[
      ['SSIM', 'rateSsim'],
      ['PSNR-Y', 'rateLuma'],
    ].flatMap(([title, key]) => [
      ...meanLine(
        `${balanced}, size at equal ${title}, photographs`,
        of('balanced', key, isPhotograph),
        1.02,
        most,
      ),
      ...meanLine(`${balanced}, size at equal ${title}, all`, of('balanced', key), 1.02, most),
      ...highest(`${balanced}, size at equal ${title}, any picture`, of('balanced', key), 1.05, most),
    ]),
    ...line(`${balanced}, chroma at equal size`, chroma, mean(valuesOf(chroma)), -0.2, plain(2, ' dB')),
    ...meanLine(`${fast}, speed`, of('fast', 'speed'), 1.3),
    ...meanLine(`${fast}, size at equal SSIM`, of('fast', 'rateSsim'), 0.85, most),
    ...meanLine(`${smallest}, speed`, of('smallest', 'speed'), 2),
    ...meanLine(`${smallest}, size at equal SSIM`, of('smallest', 'rateSsim'), 1, most),
    ...highest('balanced, same number, size off by', farthest(same('size'), 1), 0.1, away(' %', 100, 1)),
    ...highest('balanced, same number, SSIM off by', farthest(same('ssim'), 0), 0.005, away('', 1, 4)),
  ]);
}
