import type { RunnableModule } from '../contract/runnable-module.js'
import { janusError } from '../errors/janus-error.js'
import type { DiscoveredModule } from '../modules/discovered-module.js'
import { createSandbox, type SandboxSettings } from '../sandbox/index.js'
import { type CommandModuleSettings, commandModule } from './command-module.js'
import type { BashMode } from './program-command.js'
import { createSandboxRunner } from './sandbox-runner.js'
import { createSubprocessRunner } from './subprocess-runner.js'

/** How modules that are programs are run. */
export interface CommandModulesSettings extends Pick<CommandModuleSettings, 'mode' | 'home' | 'deadlines'> {
  readonly sandbox?: SandboxSettings
}

/** Where the programs of one Janus share what asking them takes. */
export interface CommandModules {
  /**
   * Makes a module of a program that was found. It is asked in the sandbox, unless it was found for `subprocess`; its changes
   * are taken from it only where it was found to be trusted. Rejects as {@link commandModule} does.
   */
  load(found: DiscoveredModule): Promise<RunnableModule>
}

/** Makes what the programs of one Janus share. Nothing is started before one is asked. */
export function createCommandModules(settings: CommandModulesSettings = {}): CommandModules {
  const { sandbox, ...others } = settings
  const sandboxed = createSandboxRunner(createSandbox(sandbox))
  const plain = createSubprocessRunner()
  return {
    load: (found) =>
      commandModule(found, {
        ...others,
        runner: found.isolation === 'subprocess' ? plain : sandboxed,
        trusted: found.trusted ?? false,
      }),
  }
}

/**
 * Reads the value of `JANUS_MODULE_EXEC_MODE`.
 * @throws JANUS_USAGE when it is neither `source` nor `subshell`
 */
export function bashMode(value: string | undefined): BashMode {
  if (value === undefined || value === '' || value === 'source') return 'source'
  if (value === 'subshell') return 'subshell'
  const message = `JANUS_MODULE_EXEC_MODE is ${JSON.stringify(value.slice(0, 100))}, it must be source or subshell`
  throw janusError('JANUS_USAGE', message)
}
