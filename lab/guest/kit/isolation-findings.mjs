import { createLiveHost, createNullLogger } from '../../../packages/core/dist/index.js'
import { cpuIsolation, cpuIsolationOptions } from '../../../packages/modules-cpu/dist/index.js'

/** What cpu-isolation finds here when it is checked with options, which `janus check` cannot give to a module. */
export async function isolationFindings(options) {
  return cpuIsolation.check({
    host: createLiveHost(),
    options: cpuIsolationOptions.parse(options),
    log: createNullLogger(),
    query: async () => ({ available: false, reason: 'not asked' }),
    signal: new AbortController().signal,
  })
}
