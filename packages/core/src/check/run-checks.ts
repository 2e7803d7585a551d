import type { CheckReport, ModuleFindings } from '../contract/check-report.js'
import type { Diagnostic } from '../contract/diagnostic.js'
import type { JanusEvents } from '../contract/events.js'
import type { Finding, FindingStatus } from '../contract/finding.js'
import { findingsSchema } from '../contract/finding-schema.js'
import type { ModuleRun, RunnableModule } from '../contract/runnable-module.js'
import { diagnosticOf, janusError } from '../errors/janus-error.js'
import { rememberReads } from '../host/remember-reads.js'
import * as z from '../zod.js'

/** What a run of checks needs. */
export interface CheckSettings extends ModuleRun {
  /** What is asked of modules, by their id. */
  readonly options?: Readonly<Record<string, unknown>>
  emit<Name extends keyof JanusEvents>(name: Name, event: JanusEvents[Name][0]): void
}

/**
 * Runs the check of every module, side by side. A module that throws or answers nonsense costs a diagnostic, never the
 * others.
 * @param diagnostics what already went wrong while loading
 */
export async function runChecks(
  settings: CheckSettings,
  modules: readonly RunnableModule[],
  diagnostics: readonly Diagnostic[],
): Promise<CheckReport> {
  // All modules judge the same moment, and what they have in common is read once.
  const run = { ...settings, host: rememberReads(settings.host) }
  const answers = await Promise.all(modules.map((module) => runCheck(run, module)))
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

async function runCheck(settings: CheckSettings, module: RunnableModule): Promise<ModuleFindings | Diagnostic> {
  const { id, type, summary } = module.metadata
  settings.emit('check:started', { module: id })
  try {
    const findings = await findingsOf(settings, module)
    for (const finding of findings) settings.emit('finding', { module: id, finding })
    return { module: id, type, summary, findings }
  } catch (error) {
    const diagnostic = diagnosticOf(error)
    settings.emit('module:failed', { module: id, diagnostic })
    return { ...diagnostic, module: id }
  }
}

function optionsFor({ options = {} }: CheckSettings, id: string): unknown {
  return Object.hasOwn(options, id) ? options[id] : undefined
}

async function findingsOf(settings: CheckSettings, module: RunnableModule): Promise<readonly Finding[]> {
  const { id } = module.metadata
  // Compiling a reader for a schema takes longer than reading a few findings without.
  const parsed = findingsSchema.safeParse(await module.check(settings, optionsFor(settings, id)), { jitless: true })
  if (parsed.success) return parsed.data
  throw janusError(
    'JANUS_MODULE_CRASHED',
    `module ${id} returned findings that are malformed: ${z.prettifyError(parsed.error)}`,
    { module: id },
  )
}
