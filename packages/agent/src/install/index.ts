export { type InstallOptions, installOptions } from './install-options.js'
export { agentInstall } from './module.js'
export { agentUnit } from './units/agent-unit.js'
export { controlsUnit } from './units/controls-unit.js'
export {
  AGENT_HARDENING,
  AGENT_LEFT_OUT,
  CONTROLS_HARDENING,
  type Hardening,
  type LeftOut,
} from './units/hardening.js'
export { AGENT_ALIAS, AGENT_UNIT, CONTROLS_UNIT, type UnitPaths } from './units/unit-paths.js'
