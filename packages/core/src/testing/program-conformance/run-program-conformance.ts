import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { readBashMetadata } from '../../command-modules/read-bash-metadata.js'
import type { ConformanceReport } from '../../contract/conformance-report.js'
import { SUPPORTED_MODULE_API } from '../../contract/symbols.js'
import { type RunCasesOptions, runCases } from '../conformance/run-cases.js'
import { programCases } from './program-cases.js'
import { PROGRAM_CLAUSES, type ProgramClause } from './program-clauses.js'
import { isBash, type ProgramSubject } from './program-subject.js'

/**
 * Runs the conformance suite on a module that is a program, without a test runner, in a sandbox.
 * @throws JANUS_ABORTED when the signal says so
 */
export async function runProgramConformance(
  subject: ProgramSubject,
  options: RunCasesOptions = {},
): Promise<ConformanceReport> {
  const results = await runCases(programCases(subject), options)
  const tried = new Set(results.map((result) => result.id))
  const clauses: readonly (readonly [string, ProgramClause])[] = Object.entries(PROGRAM_CLAUSES)
  const concerned = clauses.filter(([, { bashOnly }]) => !bashOnly || isBash(subject.file))
  const { id = basename(subject.file), version = 'unknown' } =
    subject.stated ?? (isBash(subject.file) ? readBashMetadata(await readFile(subject.file, 'utf8')) : {})
  return {
    api: SUPPORTED_MODULE_API[0],
    module: { id, version, kind: 'command' },
    path: subject.file,
    results,
    passed: results.filter((result) => result.ok).length,
    total: results.length,
    untried: concerned.filter(([name]) => !tried.has(name)).map(([name]) => name),
  }
}
