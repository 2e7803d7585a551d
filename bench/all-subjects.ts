import type { BenchSubject } from './report/bench-subject.js'
import { agentApprovals } from './subjects/agent-approvals.js'
import { agentDaemon } from './subjects/agent-daemon.js'
import { agentHistory } from './subjects/agent-history.js'
import { agentPending } from './subjects/agent-pending.js'
import { agentSandbox } from './subjects/agent-sandbox.js'
import { agentStop } from './subjects/agent-stop.js'
import { bigHost } from './subjects/big-host.js'
import { discovery } from './subjects/discovery.js'
import { growth } from './subjects/growth.js'
import { inLab } from './subjects/in-lab.js'
import { isolation } from './subjects/isolation.js'
import { ledgerFile } from './subjects/ledger-file.js'
import { ledgerHistory, ledgerProducers } from './subjects/ledger-segments.js'
import { startUp, startUpEmpty } from './subjects/start-up.js'

/** Everything that `npm run bench` measures, in the order of its table. `docs/performance.md` explains each. */
export const ALL_SUBJECTS: readonly BenchSubject[] = [
  startUp,
  startUpEmpty,
  growth,
  discovery,
  bigHost,
  ledgerFile,
  ledgerProducers,
  ledgerHistory,
  isolation,
  agentApprovals,
  agentPending,
  agentHistory,
  agentSandbox,
  agentDaemon,
  agentStop,
  inLab,
]
