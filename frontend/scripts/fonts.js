// Cuts Vazirmatn into an Arabic and a Latin part, weights 400 to 700, so that a reader loads only the scripts on the page.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import subsetFont from 'subset-font';

const SOURCE = new URL('../node_modules/vazirmatn/fonts/webfonts/Vazirmatn[wght].woff2', import.meta.url);
const TARGET = new URL('../src/fonts/', import.meta.url);
// The same ranges stand in src/styles/fonts.css.
const PARTS = {
  arabic: [[0x600, 0x6ff], [0x200c, 0x200f], [0x2010, 0x2011], [0xfb50, 0xfdff], [0xfe70, 0xfefc]],
  latin: [[0x20, 0x7e], [0xa0, 0xff], [0x131, 0x131], [0x152, 0x153], [0x2012, 0x2027], [0x202f, 0x205e],
    [0x20ac, 0x20ac], [0x2122, 0x2122], [0x2190, 0x2193], [0x2212, 0x2212]],
};

const font = await readFile(SOURCE);
await mkdir(TARGET, { recursive: true });
for (const [name, ranges] of Object.entries(PARTS)) {
  const text = ranges
    .map(([first, last]) => String.fromCodePoint(...Array.from({ length: last - first + 1 }, (_, i) => first + i)))
    .join('');
  const part = await subsetFont(font, text, {
    targetFormat: 'woff2',
    variationAxes: { wght: { min: 400, max: 700 } },
  });
  await writeFile(new URL(`vazirmatn-${name}.woff2`, TARGET), part);
  console.log(`vazirmatn-${name}.woff2 ${(part.length / 1024).toFixed(1)} kB`);
}
