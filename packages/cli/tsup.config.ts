import { defineConfig } from 'tsup'

const require =
  "import { createRequire as createRequireOfModule } from 'node:module'; const require = createRequireOfModule(import.meta.url);"

export default defineConfig({
  entry: { bin: 'src/bin.ts' },
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  dts: false,
  sourcemap: true,
  clean: true,
  splitting: true,
  noExternal: ['commander'],
  external: ['@janus/core', 'zod'],
  // Most of it is commander, and reading it is what help waits for. Names stay, for stack traces.
  esbuildOptions(options) {
    options.minifyWhitespace = true
    options.minifySyntax = true
  },
  banner: { js: require },
})
