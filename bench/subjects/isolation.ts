import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ModuleRun } from '../../packages/core/src/contract/runnable-module.js'
import { createQuery } from '../../packages/core/src/host/query.js'
import { createSnapshotHost } from '../../packages/core/src/host/snapshot-host.js'
import { createModuleIsolation } from '../../packages/core/src/isolation/index.js'
import { createNullLogger } from '../../packages/core/src/logging/combine-loggers.js'
import type { DiscoveredModule } from '../../packages/core/src/modules/discovered-module.js'
import { loadModule } from '../../packages/core/src/modules/load-module.js'
import { repository } from '../../scripts/workspace.js'
import { syntheticSnapshot } from '../fixtures/synthetic-snapshot.js'
import { BUBBLEWRAP, withoutBubblewrap } from '../measuring/bubblewrap.js'
import { interleavedDurations } from '../measuring/interleaved.js'
import { runNode } from '../measuring/run-janus.js'
import { defineBenchSubject } from '../report/bench-subject.js'

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
export const isolation = defineBenchSubject({
  id: 'isolation',
  title: 'Isolation of a module',
  rows: {
    subprocess: { what: 'a check in a subprocess', unit: 'ms', calibration: 'node -e 0' },
    'subprocess.in-process': { what: 'a check in a subprocess', unit: 'ms', calibration: 'the check in-process' },
    sandbox: { what: 'a check in the sandbox', unit: 'ms', calibration: 'node -e 0 and bwrap true' },
    'sandbox.in-process': { what: 'a check in the sandbox', unit: 'ms', calibration: 'the check in-process' },
  },
  unavailable: withoutBubblewrap,
  async measure({ quick, env }) {
    const isolation = createModuleIsolation()
    const inProcess = await loadModule(FOUND)
    const subprocess = await loadModule({ ...FOUND, isolation: 'subprocess' }, undefined, isolation)
    const sandbox = await loadModule({ ...FOUND, isolation: 'sandbox' }, undefined, isolation)
    const run = runOver()
    const { shortest } = await interleavedDurations(
      {
        node: () => runNode(['-e', '0'], env),
        bwrap: () => promisify(execFile)(BUBBLEWRAP, BARE_SANDBOX, { env: {} }),
        inProcess: () => inProcess.check(run),
        subprocess: () => subprocess.check(run),
        sandbox: () => sandbox.check(run),
      },
      quick ? 3 : 20,
    )
    return {
      subprocess: () => ({ value: shortest('subprocess'), calibration: shortest('node') }),
      'subprocess.in-process': () => ({ value: shortest('subprocess'), calibration: shortest('inProcess') }),
      sandbox: () => ({ value: shortest('sandbox'), calibration: shortest('node') + shortest('bwrap') }),
      'sandbox.in-process': () => ({ value: shortest('sandbox'), calibration: shortest('inProcess') }),
    }
  },
})

function runOver(): ModuleRun {
  const host = createSnapshotHost(syntheticSnapshot(FUNCTIONS))
  return { host, query: createQuery(host, { env: {} }), log: createNullLogger(), signal: new AbortController().signal }
}
