// Refuses physical sides, sizes and raw colours in the styles: direction comes from `dir`, colours come from tokens.css.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../src/styles/', import.meta.url));
const PHYSICAL =
  /(?:^|[;{\s])((?:(?:margin|padding|border|inset|scroll-margin|scroll-padding)-(?:left|right|top|bottom)[\w-]*|(?:min-|max-)?(?:width|height)|left|right|top|bottom|border-(?:top|bottom)-(?:left|right)-radius)\s*:|(?:text-align|float|clear)\s*:\s*(?:left|right))/g;
const COLOUR = /#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch|lab)a?\(/gi;
const DIRECTION = /\[dir=["']?(?:rtl|ltr)/g;

const problems = [];
for (const entry of readdirSync(ROOT, { recursive: true, withFileTypes: true })) {
  if (!entry.name.endsWith('.css')) continue;
  const path = `${entry.parentPath ?? entry.path}/${entry.name}`;
  const name = path.slice(ROOT.length).replace(/^\//, '');
  const lines = readFileSync(path, 'utf8').replace(/\/\*[\s\S]*?\*\//g, (text) => text.replace(/[^\n]/g, ' ')).split('\n');
  lines.forEach((line, index) => {
    const report = (what, found) => problems.push(`${name}:${index + 1}: ${what}: ${found.trim()}`);
    // Conditions of media queries are not declarations.
    const rules = line.replace(/@(?:media|container)[^{]*/g, '');
    for (const match of rules.matchAll(PHYSICAL)) report('physical property', match[1]);
    if (name !== 'tokens.css') for (const match of rules.matchAll(COLOUR)) report('raw colour', match[0]);
    for (const match of rules.matchAll(DIRECTION))
      if (!rules.includes('[dir=rtl] .flip')) report('rule for one direction', match[0]);
    if (/\bstyle\s*=/.test(rules)) report('style attribute selector', 'style=');
  });
}
if (problems.length) {
  console.error(problems.join('\n'));
  process.exit(1);
}
console.log('styles: logical properties and tokens only');
