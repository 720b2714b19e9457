import { expect, test } from 'vitest';

import { countParts } from '../src/islands/sms';

test.each([
  ['', 1, 160],
  ['a'.repeat(161), 2, 145],
  ['€'.repeat(81), 2, 143],
  ['س'.repeat(70), 1, 0],
  ['س'.repeat(71), 2, 63],
  ['🙂'.repeat(36), 2, 61],
  ['س'.repeat(135), 3, 66],
])('%j counts as %i parts', (text, parts, left) => {
  expect(countParts(text)).toEqual({ parts, left });
});
