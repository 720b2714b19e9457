import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { defineConfig } from 'vite';

/** Puts the icon sprite beside the scripts under a hashed name and into the manifest as `src/icons/icons.svg`. */
const sprite = {
  name: 'icon-sprite',
  apply: 'build',
  buildStart() {
    const file = 'src/icons/icons.svg';
    this.addWatchFile(file);
    this.emitFile({
      type: 'asset',
      name: 'icons.svg',
      originalFileName: file,
      source: readFileSync(new URL(file, import.meta.url), 'utf8').replaceAll('\n', ''),
    });
  },
};

/** Lays the whole faces of the type beside the rest, for papers: what sets PDF cannot read the parts that pages load. */
const faces = {
  name: 'print-faces',
  apply: 'build',
  buildStart() {
    for (const weight of ['Regular', 'Bold']) {
      this.emitFile({
        type: 'asset',
        fileName: `print/Vazirmatn-${weight}.ttf`,
        source: readFileSync(new URL(`node_modules/vazirmatn/fonts/ttf/Vazirmatn-${weight}.ttf`, import.meta.url)),
      });
    }
  },
};

/** Lays compressed copies beside what is text, which the server then sends without any work. */
const copies = {
  name: 'compressed-copies',
  apply: 'build',
  writeBundle(options, bundle) {
    for (const [name, part] of Object.entries(bundle)) {
      if (!/\.(js|css|svg)$/.test(name)) continue;
      const content = Buffer.from(part.type === 'chunk' ? part.code : part.source);
      const file = join(options.dir, name);
      writeFileSync(`${file}.br`, brotliCompressSync(content));
      writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
    }
  },
};

export default defineConfig({
  // Addresses are relative, so that any static prefix works.
  base: './',
  plugins: [sprite, faces, copies],
  build: {
    outDir: '../src/peyvand/web/static/peyvand',
    emptyOutDir: true,
    manifest: 'manifest.json',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    // New enough for logical properties, nesting and :dir(), so that nothing is rewritten into physical sides.
    cssTarget: ['chrome123', 'edge123', 'firefox121', 'safari17.5'],
    rolldownOptions: {
      checks: { eval: false }, // htmx carries one; allowEval is off and the content policy forbids it
      input: { app: 'src/app.ts', theme: 'src/theme.ts', style: 'src/styles/app.css' },
      output: {
        entryFileNames: '[name]-[hash].js',
        chunkFileNames: '[name]-[hash].js',
        assetFileNames: '[name]-[hash][extname]',
      },
    },
  },
  test: { environment: 'jsdom', environmentOptions: { jsdom: { url: 'http://127.0.0.1/' } }, include: ['tests/**/*.test.ts'], setupFiles: ['tests/setup.ts'] },
});
