import { expect, test } from 'vitest';
import { printable } from '../../src/cli/printable.js';

test.each([
  ['a\nb\t.png', 'a\\nb\\t.png'],
  ['\u001b[2J\u0007\u009b.png', '\\u001b[2J\\u0007\\u009b.png'],
  ['\u202egnp.exe', '\\u202egnp.exe'],
  ['a\u2028b\u2066', 'a\\u2028b\\u2066'],
  ['写真 👩‍👩‍👧 é "x" \\ ñ.png', '写真 👩‍👩‍👧 é "x" \\ ñ.png'],
])('%j is printed as %s', (text, printed) => {
  expect(printable(text)).toBe(printed);
});
