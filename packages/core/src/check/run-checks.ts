import { z } from 'zod'
import type { CheckReport, ModuleFindings } from '../contract/check-report.js'
import type { Diagnostic } from '../contract/diagnostic.js'
import type { JanusEvents } from '../contract/events.js'
import type { Finding, FindingStatus } from '../contract/finding.js'
import { findingsSchema } from '../contract/finding-schema.js'
import type { Host } from '../contract/host.js'
import type { Logger } from '../contract/logger.js'
import type { JanusModule } from '../contract/module.js'
import type { Query } from '../contract/query.js'
import { diagnosticOf, isJanusError, janusError } from '../errors/janus-error.js'

/** What a run of checks needs. */
export interface CheckSettings {
  readonly host: Host
  readonly query: Query
  readonly log: Logger
  readonly signal: AbortSignal
  emit<Name extends keyof JanusEvents>(name: Name, event: JanusEvents[Name][0]): void
}

/**
 * Runs the check of every module, side by side. A module that throws or answers nonsense costs a diagnostic, never the
 * others.
 * @param diagnostics what already went wrong while loading
 */
export async function runChecks(
  settings: CheckSettings,
  modules: readonly JanusModule[],
  diagnostics: readonly Diagnostic[],
): Promise<CheckReport> {
  const answers = await Promise.all(modules.map((module) => runCheck(settings, module)))
  const counts: Record<FindingStatus, number> = { ok: 0, warn: 0, critical: 0, skipped: 0 }
  const found: ModuleFindings[] = []
  const failed: Diagnostic[] = [...diagnostics]
  for (const answer of answers) {
    if ('severity' in answer) {
      failed.push(answer)
      continue
    }
    found.push(answer)
    for (const finding of answer.findings) counts[finding.status] += 1
  }
  return { host: settings.host.description, modules: found, diagnostics: failed, counts }
}

async function runCheck(settings: CheckSettings, module: JanusModule): Promise<ModuleFindings | Diagnostic> {
  const { id, type, summary } = module.metadata
  settings.emit('check:started', { module: id })
  try {
    const findings = await findingsOf(settings, module)
    for (const finding of findings) settings.emit('finding', { module: id, finding })
    return { module: id, type, summary, findings }
  } catch (error) {
    const diagnostic = diagnosticOf(isJanusError(error) ? error : crashed(id, error))
    settings.emit('module:failed', { module: id, diagnostic })
    return { ...diagnostic, module: id }
  }
}

async function findingsOf(
  { host, query, log, signal }: CheckSettings,
  module: JanusModule,
): Promise<readonly Finding[]> {
  const { id } = module.metadata
  const answer = await module.check({ host, query, signal, options: undefined, log: log.child({ module: id }) })
  const parsed = findingsSchema.safeParse(answer)
  if (parsed.success) return parsed.data
  throw janusError(
    'JANUS_MODULE_CRASHED',
    `module ${id} returned findings that are malformed: ${z.prettifyError(parsed.error)}`,
    { module: id },
  )
}

/** What a module threw, as an error of the catalogue. */
export function crashed(id: string, error: unknown): Error {
  const message = `module ${id} failed: ${error instanceof Error ? error.message : String(error)}`
  return janusError('JANUS_MODULE_CRASHED', message, { module: id, cause: error })
}
