import { defineConfig } from 'tsup'

const main = {
  index: 'src/index.ts',
  command: 'src/commands/command.ts',
  doctor: 'src/doctor/check.ts',
  ubos: 'src/ubos/main.ts',
  supervisor: 'src/stop/supervisor/main.ts',
}
const every = { format: 'esm', target: 'node20', platform: 'node', sourcemap: true, splitting: true } as const
const ownChunks = 'install-chunks/[name]-[hash]'

export default defineConfig([
  { ...every, entry: main, dts: { entry: { index: main.index } }, clean: ['!install*'] },
  // Every `janus check` loads it: apart, it shares no pieces with what only the agent needs.
  {
    ...every,
    entry: { install: 'src/install/module.ts' },
    // Files beside it are the other part's.
    clean: ['!*.*'],
    esbuildOptions: (options) => {
      options.chunkNames = ownChunks
    },
  },
])
