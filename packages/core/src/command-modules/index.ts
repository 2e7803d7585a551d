export { type CommandModuleSettings, commandModule } from './command-module.js'
export {
  bashMode,
  type CommandModules,
  type CommandModulesSettings,
  createCommandModules,
} from './create-command-modules.js'
export { moduleOfProgram } from './module-of-program.js'
export type { BashMode } from './program-command.js'
export type { ProgramCall, ProgramEnd, ProgramRunner } from './program-runner.js'
export { createSandboxRunner } from './sandbox-runner.js'
export { scanModuleTree } from './scan-module-tree.js'
export { createSubprocessRunner } from './subprocess-runner.js'
