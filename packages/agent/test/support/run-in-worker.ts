// A worker thread that tries to run something in the sandbox of tools.
import { parentPort, workerData } from 'node:worker_threads'
import { createRunSandbox } from '../../src/sandbox/create-run-sandbox.js'
import { TOOL_USERS } from './run-sandbox.js'
import { SMALL } from './small-limits.js'

const { root } = workerData as { readonly root: string }
const sandbox = createRunSandbox({ program: '/usr/bin/bwrap', user: undefined, root, mostRuns: 1, ...TOOL_USERS })
const run = { id: 'in-worker', program: '/usr/bin/true', argv: [], environment: {}, limits: SMALL, network: [] }
try {
  await sandbox.run(run)
  parentPort?.postMessage('it ran')
} catch (error) {
  const { code, message } = error as { readonly code: string; readonly message: string }
  parentPort?.postMessage({ code, message })
}
