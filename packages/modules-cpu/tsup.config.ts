import { defineConfig } from 'tsup'
import { bundleWhole } from '../../scripts/bundle-whole.js'

export default defineConfig(
  bundleWhole({ index: 'src/index.ts', 'topology-command': 'src/topology-command/command.ts' }),
)
