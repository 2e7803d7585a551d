import type { RunnableModule } from '../contract/runnable-module.js'
import type { Environment } from '../state/state-directory.js'
import type { DiscoveredModule } from './discovered-module.js'

/** Loads modules that were found, each in the isolation decided for it; what they share is made once. */
export function createModuleLoader(settings: {
  readonly env: Environment
  readonly home: string
}): (found: DiscoveredModule) => Promise<RunnableModule> {
  let shared: ReturnType<typeof makeShared> | undefined
  return async (found) => {
    const { loadModule } = await import('./load-module.js')
    const needsShared = found.isolation !== 'in-process' || found.code?.kind === 'command'
    if (!needsShared || found.module !== undefined) return loadModule(found)
    shared ??= makeShared(settings.env)
    const { isolation, commands } = await shared
    return loadModule(found, undefined, isolation, commands)
  }
}

async function makeShared(env: Environment) {
  const [{ createModuleIsolation }, { bashMode, createCommandModules }] = await Promise.all([
    import('../isolation/index.js'),
    import('../command-modules/index.js'),
  ])
  return {
    isolation: createModuleIsolation(),
    commands: createCommandModules({ mode: bashMode(env.JANUS_MODULE_EXEC_MODE) }),
  }
}
