// Builds the page into ../assets/explorer: one bundle, its style sheet, the icons' font, and three workers. Everything is
// served by the binary itself, so names are fixed and an ETag says what changed.
import { crc32, gzipSync } from 'node:zlib'
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { defineConfig } from 'vite'

const here = import.meta.dirname
const out = join(here, '..', 'assets', 'explorer')

// The licences of all that is in them.
function licences() {
  const { packages } = JSON.parse(readFileSync(join(here, 'node_modules', '.package-lock.json'), 'utf8'))
  const kept = Object.entries(packages).filter(([, { dev, optional }]) => !dev && !optional)
  return kept.map(([path, { version, license }]) => {
    const file = readdirSync(join(here, path)).find((name) => /^licen[cs]e/i.test(name))
    const text = file ? readFileSync(join(here, path, file), 'utf8').trim() : license
    return `${path.replace(/^.*node_modules\//, '')} ${version}\n\n${text}\n`
  }).join(`\n${'-'.repeat(80)}\n\n`)
}

// What the built files were made from; a test compares it with what is there.
const sources = ['package-lock.json', 'vite.config.js', ...readdirSync(join(here, 'src')).sort().map((name) => `src/${name}`)]

// Writes each file compressed.
const compress = {
  name: 'compress',
  apply: 'build',
  generateBundle: {
    order: 'post',
    handler(_, bundle) {
      rmSync(out, { recursive: true, force: true })
      mkdirSync(out, { recursive: true })
      const write = (name, body) => writeFileSync(join(out, `${name}.gz`), gzipSync(body, { level: 9 }))
      for (const [path, file] of Object.entries(bundle)) {
        write(basename(path), file.type === 'chunk' ? file.code : file.source)
        delete bundle[path]
      }
      write('LICENSES.txt', licences())
      const sums = sources.map((path) => `${crc32(readFileSync(join(here, path))).toString(16).padStart(8, '0')} ${path}\n`)
      writeFileSync(join(out, 'sources.txt'), sums.join(''))
    },
  },
}

export default defineConfig({
  base: './',
  plugins: [compress],
  resolve: {
    alias: [
      // Variables and answers are indented by the parser that is there for their errors, not by one for all of JavaScript.
      { find: 'prettier/parser-graphql', replacement: 'prettier/plugins/graphql' },
      { find: /^prettier\/(plugins\/estree|parser-babel)$/, replacement: join(here, 'src', 'indent.js') },
    ],
  },
  build: {
    outDir: join(here, 'node_modules', '.out'),
    target: 'es2022',
    modulePreload: false,
    cssCodeSplit: false,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 5000,
    rolldownOptions: {
      // React's server components are not meant here.
      checks: { moduleLevelDirective: false },
      onwarn: (warning, warn) => warning.code === 'MODULE_LEVEL_DIRECTIVE' || warn(warning),
      input: { explorer: join(here, 'src', 'explorer.jsx') },
      output: {
        // The editor is wanted at once, so nothing is gained by loading it later.
        codeSplitting: false,
        entryFileNames: '[name].js',
        assetFileNames: '[name][extname]',
      },
    },
  },
  worker: {
    format: 'es',
    rolldownOptions: { output: { entryFileNames: '[name].js', codeSplitting: false } },
  },
})
