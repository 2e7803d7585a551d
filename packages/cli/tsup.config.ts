import { defineConfig, type Options } from 'tsup'

const require =
  "import { createRequire as createRequireOfModule } from 'node:module'; const require = createRequireOfModule(import.meta.url);"

const common: Options = {
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  dts: false,
  sourcemap: true,
  // Help lists the commands of packages: that little of core is built in, so that nothing is looked for to answer it.
  noExternal: ['commander', '@clack/core', '@janus/core/commands'],
  external: ['@janus/core', 'zod'],
  // Most of it is commander, and reading it is what help waits for. Names stay, for stack traces.
  esbuildOptions(options) {
    options.minifyWhitespace = true
    options.minifySyntax = true
  },
  banner: { js: require },
}

/** The command. */
export const command: Options = {
  ...common,
  entry: { bin: 'src/bin.ts' },
  clean: ['!complete.js'],
  splitting: true,
  esbuildPlugins: [
    {
      name: 'completion-apart',
      setup(build) {
        build.onResolve({ filter: /\/completion\/complete\.js$/ }, () => ({ path: './complete.js', external: true }))
      },
    },
  ],
}

/**
 * What a shell asks is one file by itself: divided, what it shares with the command would make files of both. It shows no
 * stack traces, so it needs no map.
 */
export const completion: Options = {
  ...common,
  entry: { complete: 'src/completion/complete.ts' },
  sourcemap: false,
  splitting: false,
}

export default defineConfig([command, completion])
