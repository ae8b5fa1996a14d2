import stringWidth from 'fast-string-width';

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** How many columns of a terminal a text takes, without colours and control characters in it. */
export function columnsOf(text: string): number {
  return stringWidth(text);
}

/** The end of a text that fits into so many columns, at least 1, with an ellipsis for what goes before; no character is cut in two. */
export function fitEnd(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let left = columns - 1;
  let end = '';
  for (const { segment } of [...graphemes.segment(text)].reverse()) {
    left -= columnsOf(segment);
    if (left < 0) break;
    end = segment + end;
  }
  return `…${end}`;
}
