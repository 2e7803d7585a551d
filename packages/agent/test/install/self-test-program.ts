import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { createRunSandbox } from '../../src/index.js'

// Prints what the self-test of the sandbox says, of whoever runs this under whatever restrictions.
const root = await mkdtemp(join(process.argv[2] ?? '/tmp', 'workspaces-'))
const sandbox = createRunSandbox({ program: '/usr/bin/bwrap', user: undefined, root, mostRuns: 1 })
const { holds, because } = await sandbox.selfTest()
process.stdout.write(JSON.stringify({ holds, because }))
process.exit(0)
