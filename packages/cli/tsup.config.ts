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
  // Help lists the commands of packages: that little of core is built in, so that nothing is looked for to answer it.
  noExternal: ['commander', '@clack/core', '@janus/core/commands'],
  external: ['@janus/core', 'zod'],
  // Most of it is commander, and reading it is what help waits for. Names stay, for stack traces.
  esbuildOptions(options) {
    options.minifyWhitespace = true
    options.minifySyntax = true
  },
  banner: { js: require },
})
