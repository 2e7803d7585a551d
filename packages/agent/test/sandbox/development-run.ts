// A process of an ordinary user: runs programs without a sandbox, and tells how they ended.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDevelopmentRuns } from '../../src/sandbox/create-development-runs.js'
import { SMALL } from '../support/small-limits.js'

const root = mkdtempSync(join(tmpdir(), 'janus-development-'))
const runs = createDevelopmentRuns({ mayBeMissing: true, root })
const common = { environment: {}, limits: { ...SMALL, wallSeconds: 2 }, network: [] }
const shell = (id: string, script: string) =>
  runs.run({ ...common, id, program: '/bin/sh', argv: ['-c', script], files: { file: Buffer.from('given\n') } })
const ends = [
  await shell('one', 'cat file; exit 3'),
  await shell('two', 'echo ready; sleep 60'),
  await runs.run({ ...common, id: 'three', program: '/usr/bin/no-such-program', argv: [] }),
]
const { holds } = await runs.selfTest()
await runs.close()
rmSync(root, { recursive: true, force: true })
const user = ends[0]?.enforced.find(({ dimension }) => dimension === 'user')
process.stdout.write(
  JSON.stringify({
    holds,
    user,
    ends: ends.map(({ ending, exitCode, stdout }) => [ending, exitCode ?? null, stdout.text]),
  }),
)
process.exit(0)
