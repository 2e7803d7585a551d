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
  banner: { js: require },
})
