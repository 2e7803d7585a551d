import { pathToFileURL } from 'node:url'
import type {
  ContributedCheck,
  ContributedCheckContext,
  ContributedCheckModule,
} from '../contract/contributed-check.js'
import type { Diagnostic } from '../contract/diagnostic.js'
import type { ModuleSource } from '../contract/janus.js'
import { KEBAB_CASE } from '../contract/patterns.js'
import { diagnosticOf, janusError } from '../errors/janus-error.js'
import { namedEntries } from '../extensions/manifest-entries.js'
import { requireRunnableEntry } from '../extensions/require-runnable-entry.js'
import type { AskingUser } from '../modules/asking-user.js'
import * as z from '../zod.js'

/** How contributed checks are found and run. */
export interface ContributedCheckSettings extends Omit<ContributedCheckContext, 'signal'> {
  readonly sources: readonly ModuleSource[]
  readonly user: AskingUser
  /** Milliseconds for one check. Default: 15000. */
  readonly deadline?: number
}

const DEADLINE = 15_000
const MOST_REMARKS = 100

const text = z.string().max(4_000)
const remarks = z
  .array(
    z.strictObject({
      severity: z.enum(['error', 'warning', 'info']),
      code: z.string().regex(/^JANUS_[A-Z_]{1,100}$/),
      summary: text.min(1),
      detail: text.optional(),
      remedy: text.optional(),
      path: text.optional(),
      module: text.optional(),
      data: z.record(z.string(), z.json()).optional(),
    }),
  )
  .max(MOST_REMARKS)

/** The checks that packages add to `janus doctor`. The first of a name wins; none of their code runs. */
export function listContributedChecks(
  sources: readonly ModuleSource[],
  user: Pick<AskingUser, 'directories'>,
): readonly ContributedCheck[] {
  return namedEntries(sources, user, { key: 'checks', name: KEBAB_CASE })
}

/**
 * Runs the checks that packages add, one after the other, and collects what they say. One that may not run, fails, answers something else or takes too
 * long is a remark itself: a diagnosis is never stopped by a guest.
 */
export async function runContributedChecks(settings: ContributedCheckSettings): Promise<readonly Diagnostic[]> {
  const { sources, user } = settings
  const own = listContributedChecks(
    sources.filter(({ kind }) => kind !== 'extensions'),
    user,
  )
  const found: Diagnostic[] = []
  for (const check of listContributedChecks(sources, user)) {
    const isOwn = own.some(({ path }) => path === check.path)
    found.push(...(await runCheck(check, isOwn, settings).catch((error: unknown) => [failed(check, error)])))
  }
  return found
}

async function runCheck(
  check: ContributedCheck,
  isOwn: boolean,
  { sources, user, stateDirectory, uid, log, deadline = DEADLINE }: ContributedCheckSettings,
): Promise<readonly Diagnostic[]> {
  const what = `check ${check.name}`
  const path = await requireRunnableEntry({ what, entry: check, isOwn }, sources, user)
  const entry = await importEntry(path, check)
  const signal = AbortSignal.timeout(deadline)
  const answer = await Promise.race([
    entry.check({ stateDirectory, uid, log: log.child({ check: check.name }), signal }),
    afterDeadline(signal, what),
  ])
  const parsed = remarks.safeParse(answer)
  if (parsed.success) return parsed.data as readonly Diagnostic[]
  throw janusError('JANUS_MODULE_CRASHED', `${what} of package ${check.source} answered what is no list of remarks`)
}

async function importEntry(path: string, { source }: ContributedCheck): Promise<ContributedCheckModule> {
  let entry: Partial<ContributedCheckModule>
  try {
    entry = (await import(pathToFileURL(path).href)) as Partial<ContributedCheckModule>
  } catch (cause) {
    throw janusError('JANUS_MODULE_IMPORT_FAILED', `${path} of package ${source} could not be imported`, { cause })
  }
  if (typeof entry.check === 'function') return { check: entry.check }
  throw janusError('JANUS_MODULE_SHAPE_INVALID', `${path} of package ${source} exports no function check`)
}

function afterDeadline(signal: AbortSignal, what: string): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener(
      'abort',
      () => reject(janusError('JANUS_MODULE_TIMEOUT', `${what} did not answer in time`)),
      { once: true },
    )
  })
}

function failed({ name, source }: ContributedCheck, error: unknown): Diagnostic {
  const diagnostic = diagnosticOf(error)
  return { ...diagnostic, severity: 'warning', path: `check ${name} of ${source}` }
}
