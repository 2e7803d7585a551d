import type { Condition, PlannedChange } from '../contract/change.js'
import type { Machine } from '../contract/hand.js'
import type { ModuleDifferences, PlannedProfile, ProfileDifference } from '../contract/profile.js'
import { contentDigest } from '../plan/file-state.js'
import { subjectOfCondition, unmetConditions } from '../transaction/conditions.js'
import { describeChange } from '../transaction/describe-change.js'

type Reader = Pick<Machine, 'host' | 'query'>

/**
 * How a host differs from what the modules of a profile want: what the steps would verify and does not hold, and for a
 * step that verifies nothing, what it would do. For each path the last word of a module counts.
 */
export async function differencesOf(reader: Reader, planned: PlannedProfile): Promise<readonly ModuleDifferences[]> {
  const { plan, modules, waiting } = planned
  const ids = new Set(modules.map(({ module }) => module))
  const differences: ModuleDifferences[] = []
  for (const module of ids) {
    const changes = plan.changes.filter((change) => change.module === module)
    differences.push({ module, differences: await differencesIn(reader, changes) })
  }
  return [...differences, ...waiting.map((waits) => ({ module: waits.module, differences: [], waits }))]
}

async function differencesIn(reader: Reader, changes: readonly PlannedChange[]): Promise<readonly ProfileDifference[]> {
  const found = new Map<string, ProfileDifference>()
  const last = new Map<string, { readonly condition: Condition; readonly why: string }>()
  for (const change of changes) {
    for (const condition of change.verify ?? []) last.set(subjectOfCondition(condition), { condition, why: change.why })
  }
  for (const [key, { condition, why }] of last) {
    const [unmet] = await unmetConditions(reader, [condition])
    if (unmet === undefined) continue
    found.set(key, { path: condition.path, found: unmet.found, wanted: wantedBy(condition), why })
  }
  for (const change of changes) {
    const difference = differenceOf(change)
    if (difference !== undefined && !last.has(difference.path)) found.set(difference.path, difference)
  }
  return [...found.values()]
}

function wantedBy(condition: Condition): string {
  switch (condition.kind) {
    case 'equals':
      return JSON.stringify(condition.value)
    case 'contains':
      return `something with ${JSON.stringify(condition.value)}`
    case 'lacks':
      return `nothing with ${JSON.stringify(condition.value)}`
    case 'within':
      return `no CPU but ${condition.value}`
    case 'linksTo':
      return condition.target
    case 'exists':
      return 'something there'
    case 'absent':
      return 'nothing there'
    case 'sha256':
      return `SHA-256 ${condition.value}`
    case 'parameter':
      return condition.value === null
        ? `no ${condition.name}${condition.among === undefined ? '' : `=${condition.among.join('|')}`}`
        : `${condition.name}=${condition.value}`
    case 'archive-member': {
      const { member, sha256, absent } = condition
      if (absent === true) return `no member ${member}`
      return `a member ${member}${sha256 === undefined ? '' : ` with SHA-256 ${sha256}`}`
    }
    case 'unheld':
      return 'nobody holds it open'
    case 'unused':
      return `the host does not use it${condition.functionUses === undefined ? '' : ', or its virtual functions'}`
  }
}

/** What a change by itself says that is not so yet; an attribute is verified, so that its value is compared. */
function differenceOf(change: PlannedChange): ProfileDifference | undefined {
  const { why } = change
  switch (change.kind) {
    case 'write-attribute':
      if (change.from === undefined || change.verify !== undefined) return undefined
      return { path: change.path, found: JSON.stringify(change.from), wanted: JSON.stringify(change.value), why }
    case 'write-file': {
      const found = change.from == null ? 'nothing there' : fileWords(change.from)
      return { path: change.path, found, wanted: fileWords({ ...change, sha256: contentDigest(change.content) }), why }
    }
    case 'write-link':
      return { path: change.path, found: change.from ?? 'nothing there', wanted: `a link to ${change.target}`, why }
    case 'remove-file':
      return { path: change.path, found: 'a file', wanted: 'nothing there', why }
    case 'create-directory':
      return { path: change.path, found: 'nothing there', wanted: 'a directory', why }
    case 'remove-directory':
      return { path: change.path, found: 'a directory', wanted: 'nothing there', why }
    case 'load-kernel-module':
      return { path: `/sys/module/${change.name.replaceAll('-', '_')}`, found: 'not loaded', wanted: 'loaded', why }
    case 'unload-kernel-module':
      return { path: `/sys/module/${change.name.replaceAll('-', '_')}`, found: 'loaded', wanted: 'not loaded', why }
    case 'run-command':
      return { path: describeChange(change), found: 'not run for this', wanted: 'run', why }
  }
}

function fileWords({ sha256, mode }: { readonly sha256: string; readonly mode: number }): string {
  return `a file, mode ${mode.toString(8).padStart(4, '0')}, SHA-256 ${sha256}`
}
