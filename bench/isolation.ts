import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ModuleRun } from '../packages/core/src/contract/runnable-module.js'
import { createQuery } from '../packages/core/src/host/query.js'
import { createSnapshotHost } from '../packages/core/src/host/snapshot-host.js'
import { createModuleIsolation } from '../packages/core/src/isolation/index.js'
import { createNullLogger } from '../packages/core/src/logging/combine-loggers.js'
import type { DiscoveredModule } from '../packages/core/src/modules/discovered-module.js'
import { loadModule } from '../packages/core/src/modules/load-module.js'
import { repository } from '../scripts/workspace.js'
import { shortestDurations } from './interleaved.js'
import { runNode } from './run-janus.js'
import { syntheticSnapshot } from './synthetic-snapshot.js'
import type { BenchRow } from './table.js'

const FUNCTIONS = 64
const BARE_SANDBOX = ['--ro-bind', '/', '/', '/bin/true']

const FOUND: DiscoveredModule = {
  id: 'host-tools',
  type: 'host',
  version: '0.1.0',
  source: '@janus/modules-cpu',
  code: {
    directory: join(repository, 'packages/modules-cpu'),
    entry: './dist/index.js',
    export: 'hostTools',
    kind: 'javascript',
  },
  diagnostics: [],
}

/** What keeping a module away from the process that asks it costs: one check of one module at each level. */
export async function benchIsolation(
  rounds: number,
  env: Readonly<Record<string, string>>,
): Promise<readonly BenchRow[]> {
  const isolation = createModuleIsolation()
  const inProcess = await loadModule(FOUND)
  const subprocess = await loadModule({ ...FOUND, isolation: 'subprocess' }, undefined, isolation)
  const sandbox = await loadModule({ ...FOUND, isolation: 'sandbox' }, undefined, isolation)
  const run = runOver()
  const check = (module: typeof inProcess) => async () => {
    await module.check(run)
  }
  const shortest = await shortestDurations(
    [
      { name: 'node', run: () => runNode(['-e', '0'], env) },
      { name: 'bwrap', run: async () => void (await promisify(execFile)('/usr/bin/bwrap', BARE_SANDBOX, { env: {} })) },
      { name: 'in-process', run: check(inProcess) },
      { name: 'subprocess', run: check(subprocess) },
      { name: 'sandbox', run: check(sandbox) },
    ],
    rounds,
  )
  const of = (name: string): number => shortest.get(name) ?? Number.NaN
  const row = (name: string, bare: number, what: string): BenchRow => ({
    what: `check, ${name}`,
    value: `${(of(name) / bare).toFixed(2)} × ${what}`,
    against: `${of(name).toFixed(1)} ms, ${(of(name) / of('in-process')).toFixed(0)} × in-process`,
  })
  return [
    { what: 'node -e 0', value: `${of('node').toFixed(1)} ms` },
    { what: 'bwrap true', value: `${of('bwrap').toFixed(1)} ms` },
    { what: 'check, in-process', value: `${of('in-process').toFixed(2)} ms` },
    row('subprocess', of('node'), 'node'),
    row('sandbox', of('node') + of('bwrap'), '(node + bwrap)'),
  ]
}

function runOver(): ModuleRun {
  const host = createSnapshotHost(syntheticSnapshot(FUNCTIONS))
  return { host, query: createQuery(host, { env: {} }), log: createNullLogger(), signal: new AbortController().signal }
}
