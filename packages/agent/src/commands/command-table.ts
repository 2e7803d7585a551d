import type { AgentCommand } from './agent-command.js'
import { auditCheckpoint, auditKey, auditReportCommand, auditVerify } from './audit.js'
import { approve, cancel, reconcile, reject, resubmit, review } from './decisions.js'
import { install } from './install.js'
import { keysEnrol, keysGenerate, keysList, keysRevoke } from './keys.js'
import { missionsList, missionsShow, missionsStage } from './missions.js'
import { modeDemote, modePromote, modeShow } from './modes.js'
import { playbooksApprove, playbooksShow, playbooksTest } from './playbooks.js'
import { policyExplain, policyTest } from './policies.js'
import { proposalsExport, proposalsList, proposalsShow, proposalsWatch, propose } from './proposals.js'
import { reliefReset } from './relief.js'
import { rollback } from './rollback.js'
import {
  configCheck,
  configPropose,
  playbooksList,
  playbooksPropose,
  playbooksRevoke,
  policyPropose,
  policyShow,
} from './rules.js'
import { controls, run } from './run.js'
import { safeState } from './safe-state.js'
import { modeSign } from './sign-mode.js'
import { status } from './status.js'
import { emergencyStop, resume, stop } from './stop.js'
import { thaw } from './thaw.js'
import { think } from './think.js'
import { toolsList, toolsShow } from './tools.js'
import { watch } from './watch.js'

/** Every command below `janus agent`, in the order of its help. */
export const AGENT_COMMANDS: readonly AgentCommand[] = [
  status,
  watch,
  propose,
  proposalsList,
  proposalsShow,
  proposalsWatch,
  proposalsExport,
  review,
  approve,
  reject,
  cancel,
  resubmit,
  reconcile,
  rollback,
  think,
  missionsList,
  missionsShow,
  missionsStage,
  modeShow,
  modePromote,
  modeDemote,
  modeSign,
  configCheck,
  configPropose,
  policyShow,
  policyExplain,
  policyTest,
  policyPropose,
  playbooksList,
  playbooksShow,
  playbooksTest,
  playbooksPropose,
  playbooksApprove,
  playbooksRevoke,
  toolsList,
  toolsShow,
  keysGenerate,
  keysList,
  keysEnrol,
  keysRevoke,
  auditVerify,
  auditReportCommand,
  auditKey,
  auditCheckpoint,
  thaw,
  install,
  run,
  controls,
  stop,
  emergencyStop,
  resume,
  safeState,
  reliefReset,
]
