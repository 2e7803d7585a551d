import { z } from 'zod'

// The promise of `--json`, written down: tests hold every document against it, the command never loads it.

const diagnostic = z.strictObject({
  severity: z.enum(['error', 'warning', 'info']),
  code: z.string().regex(/^JANUS_[A-Z_]+$/),
  summary: z.string(),
  detail: z.string().optional(),
  remedy: z.string().optional(),
  path: z.string().optional(),
  module: z.string().optional(),
  data: z.record(z.string(), z.json()).optional(),
})

const finding = z.strictObject({
  id: z.string(),
  status: z.enum(['ok', 'warn', 'critical', 'skipped']),
  summary: z.string(),
  detail: z.string().optional(),
  evidence: z.array(z.strictObject({ path: z.string(), value: z.string().optional() })).optional(),
  remedy: z.string().optional(),
})

const counts = z.strictObject({ ok: z.int(), warn: z.int(), critical: z.int(), skipped: z.int() })
const moduleFindings = z.strictObject({
  module: z.string(),
  type: z.string(),
  summary: z.string(),
  findings: z.array(finding),
})
const checkReport = z.strictObject({
  host: z.string(),
  modules: z.array(moduleFindings),
  diagnostics: z.array(diagnostic),
  counts,
})

const change = z.looseObject({ kind: z.string(), why: z.string(), scope: z.enum(['runtime', 'persistent']) })
const loss = z.strictObject({ id: z.string(), summary: z.string() })
const moduleVersion = z.strictObject({ id: z.string(), version: z.string() })

const plan = z.strictObject({
  schema: z.literal('janus.plan/1'),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  root: z.string(),
  module: moduleVersion,
  options: z.json(),
  facts: z.array(
    z.strictObject({
      subject: z.string(),
      name: z.string(),
      path: z.string(),
      read: z.enum(['text', 'link', 'list', 'sha256']),
      value: z.union([z.string(), z.array(z.string()), z.null()]),
    }),
  ),
  changes: z.array(change),
  made: z.strictObject({ by: z.string(), at: z.string(), host: z.string(), bootId: z.string().optional() }),
})

const device = z.looseObject({
  address: z.string(),
  vendor: z.string(),
  device: z.string(),
  class: z.string(),
  role: z.enum(['endpoint', 'bridge', 'host-bridge', 'chipset']),
  isDisplay: z.boolean(),
  driver: z.string().optional(),
  iommuGroup: z.string().optional(),
  uses: z.array(
    z.strictObject({
      kind: z.string(),
      severity: z.enum(['blocking', 'notice']),
      summary: z.string(),
      chain: z.array(z.string()),
      evidence: z.string(),
    }),
  ),
})
const group = z.strictObject({ id: z.string(), type: z.string().optional(), members: z.array(z.string()) })
const planView = z.strictObject({
  plan,
  devices: z.strictObject({ devices: z.array(device), groups: z.array(group) }).optional(),
})
const inventory = z.strictObject({
  host: z.string(),
  devices: z.array(device),
  groups: z.array(group),
  iommu: z.boolean().optional(),
})

const step = z.strictObject({
  step: z.int(),
  phase: z.enum(['apply', 'undo']),
  change,
  outcome: z.enum(['done', 'unchanged', 'skipped', 'failed', 'conflict', 'in-progress-in-kernel', 'left']),
  reason: z.string().optional(),
})
const applyReport = z.strictObject({
  transaction: z.string(),
  outcome: z.enum(['applied', 'unchanged']),
  plan,
  stages: z.array(plan).optional(),
  steps: z.array(step),
})
const undoReport = z.strictObject({
  transaction: z.string(),
  outcome: z.enum(['undone', 'incomplete', 'void', 'planned']),
  steps: z.array(step),
  losses: z.array(loss),
})
const rollback = z.strictObject({ reports: z.array(undoReport) })

const transaction = z.strictObject({
  id: z.string(),
  state: z.enum(['running', 'interrupted', 'applied', 'undone', 'incomplete', 'void']),
  module: moduleVersion,
  planDigest: z.string(),
  startedAt: z.string(),
  endedAt: z.string().optional(),
  actor: z.strictObject({
    uid: z.int(),
    user: z.string(),
    sudoUser: z.string().optional(),
    argv: z.array(z.string()),
  }),
  janusVersion: z.string(),
  bootId: z.string().optional(),
  steps: z.int(),
  stages: z.int().optional(),
  stepsDone: z.int(),
  subjects: z.array(z.string()),
  canRollBack: z.boolean(),
})

const moduleRow = z.strictObject({
  id: z.string(),
  type: z.string(),
  version: z.string(),
  status: z.enum(['available', 'enabled', 'blocked', 'failed', 'ready']),
  source: z.string(),
  isolation: z.enum(['in-process', 'sandbox', 'subprocess']),
  trusted: z.boolean(),
  path: z.string().optional(),
  summary: z.string().optional(),
  diagnostics: z.array(diagnostic),
})

const brings = z.strictObject({
  modules: z.array(z.strictObject({ id: z.string(), type: z.string() })),
  commands: z.array(z.string()),
  checks: z.array(z.string()).optional(),
  tools: z.array(z.string()).optional(),
})
const preview = z.strictObject({
  spec: z.string(),
  name: z.string(),
  version: z.string(),
  description: z.string().optional(),
  integrity: z.string().optional(),
  registry: z.string().optional(),
  brings,
  installed: z.string().optional(),
})
const extension = z.strictObject({
  name: z.string(),
  version: z.string(),
  trusted: z.boolean(),
  integrity: z.string().optional(),
  brings,
  diagnostics: z.array(diagnostic),
})
const pinned = z.strictObject({
  version: z.string(),
  integrity: z.string().optional(),
  files: z.string(),
  brings,
})
const trustReview = z.strictObject({
  name: z.string(),
  path: z.string(),
  isProgram: z.boolean().optional(),
  now: pinned,
  pinned: pinned.extend({ trusted: z.boolean() }).optional(),
  changes: z.array(z.string()),
})
const conformanceReport = z.strictObject({
  api: z.int(),
  module: z.strictObject({ id: z.string(), version: z.string(), kind: z.enum(['javascript', 'command']) }),
  path: z.string().optional(),
  results: z.array(z.strictObject({ id: z.string(), title: z.string(), ok: z.boolean(), why: z.string().optional() })),
  passed: z.int(),
  total: z.int(),
  untried: z.array(z.string()),
})
const doctor = z.strictObject({
  janus: z.string(),
  node: z.strictObject({ version: z.string(), path: z.string() }),
  platform: z.strictObject({ os: z.string(), architecture: z.string(), kernel: z.string() }),
  user: z.strictObject({ uid: z.int(), root: z.boolean(), sudo: z.boolean() }),
  cores: z.array(z.strictObject({ version: z.string(), path: z.string() })),
  stateDirectory: z.strictObject({
    path: z.string(),
    state: z.enum(['absent', 'readable', 'refused']),
    mode: z.string().optional(),
  }),
  extensionDirectory: z.string(),
  sandbox: z.strictObject({
    available: z.boolean(),
    program: z.string().optional(),
    version: z.string().optional(),
  }),
  tools: z.array(z.strictObject({ name: z.string(), path: z.string(), version: z.string().optional() })),
  modules: z.array(moduleRow),
  diagnostics: z.array(diagnostic),
})

const profile = z.strictObject({
  schema: z.literal('janus.profile/1'),
  name: z.string(),
  summary: z.string().optional(),
  modules: z.array(
    z.strictObject({
      module: z.string(),
      options: z.record(z.string(), z.json()).optional(),
      after: z.array(z.string()).optional(),
    }),
  ),
})
const waitingModule = z.strictObject({ module: z.string(), until: z.array(z.string()), because: z.string() })
const plannedProfile = z.strictObject({
  profile,
  stage: z.int(),
  plan,
  modules: z.array(z.strictObject({ module: z.string(), version: z.string(), changes: z.int() })),
  waiting: z.array(waitingModule),
})
const driftEntry = z.strictObject({
  transaction: z.string(),
  step: z.int(),
  path: z.string(),
  state: z.enum(['holds', 'drifted', 'unreadable', 'pending-reboot']),
  expected: z.string(),
  found: z.string().optional(),
  why: z.string(),
})

/** The `data` of each command when it has an answer; `null` when it failed before there was one. */
export const DATA_SCHEMAS = {
  apply: applyReport,
  bind: z.union([inventory, planView, applyReport, rollback]),
  check: checkReport,
  completion: z.strictObject({ shell: z.enum(['bash', 'zsh', 'fish']), script: z.string() }),
  doctor,
  help: z.strictObject({ text: z.string() }),
  history: z.strictObject({ transactions: z.array(transaction) }),
  'history prune': z.strictObject({ removed: z.array(z.string()), kept: z.int() }),
  init: z.strictObject({ plan, findings: z.array(finding), report: applyReport.optional() }),
  'module add': z.strictObject({ preview, extension: extension.optional() }),
  'module apply': applyReport,
  'module check': checkReport,
  'module list': z.strictObject({ modules: z.array(moduleRow) }),
  'module meta': z.strictObject({
    id: z.string(),
    type: z.string(),
    version: z.string(),
    compat_api: z.int(),
    path: z.string().optional(),
  }),
  'module remove': z.strictObject({ extension, removed: z.literal(true).optional() }),
  'module show': z.strictObject({
    ...moduleRow.shape,
    compatApi: z.int(),
    supports: z.strictObject({ apply: z.boolean(), rollback: z.enum(['journal', 'planned']) }),
    optionsSchema: z.record(z.string(), z.json()),
  }),
  'module test': z.strictObject({ reports: z.array(conformanceReport) }),
  'module trust': z.strictObject({ review: trustReview, trusted: z.boolean() }),
  plan: planView,
  'profile apply': z.union([applyReport, plannedProfile]),
  'profile diff': z.strictObject({
    profile,
    modules: z.array(
      z.strictObject({
        module: z.string(),
        differences: z.array(
          z.strictObject({ path: z.string(), found: z.string(), wanted: z.string(), why: z.string() }),
        ),
        waits: waitingModule.optional(),
      }),
    ),
    drift: z.array(driftEntry).optional(),
    same: z.boolean(),
  }),
  'profile list': z.strictObject({
    profiles: z.array(
      z.strictObject({
        name: z.string(),
        path: z.string(),
        profile: profile.optional(),
        problem: z.string().optional(),
      }),
    ),
  }),
  'profile plan': plannedProfile,
  'profile show': z.strictObject({ profile, path: z.string() }),
  recover: z.strictObject({
    transactions: z.array(undoReport),
    blocked: z.array(z.strictObject({ pid: z.int(), subjects: z.array(z.string()) })),
    complete: z.boolean(),
  }),
  rollback,
  snapshot: z.strictObject({ out: z.string(), entries: z.int(), masked: z.boolean(), capturedAt: z.string() }),
  status: z.strictObject({
    stateDirectory: z.string(),
    transactions: z.array(transaction),
    drift: z.array(driftEntry),
    clean: z.boolean(),
    rebootPending: z.boolean(),
  }),
  version: z.strictObject({
    cli: z.string(),
    core: z.string(),
    moduleApi: z.array(z.int()),
    node: z.string(),
  }),
} as const satisfies Record<string, z.ZodType>

/** Schema of the document around it. */
export const DOCUMENT_SCHEMA = z.strictObject({
  schema: z.literal('janus.cli/1'),
  command: z.string(),
  ok: z.boolean(),
  data: z.json(),
  diagnostics: z.array(diagnostic),
})
