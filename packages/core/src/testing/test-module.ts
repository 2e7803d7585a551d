import { realpath, stat } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ConformanceReport, TestModuleOptions } from '../contract/conformance-report.js'
import { isJanusModule } from '../contract/define-module.js'
import type { JanusModule } from '../contract/module.js'
import type { JanusErrorCode } from '../errors/codes.js'
import { janusError } from '../errors/janus-error.js'
import type { DiscoveredModule } from '../modules/discovered-module.js'
import { chooseModule } from '../modules/module-shape.js'
import { readPackageFile } from '../modules/package-file.js'
import { modulesOfPackage } from '../modules/read-manifest.js'
import type { ModuleFixture } from './conformance/conformance-case.js'
import type { RunCasesOptions } from './conformance/run-cases.js'
import { runConformance } from './conformance/run-conformance.js'
import type { ProgramFixture, ProgramSubject } from './program-conformance/program-subject.js'
import { runProgramConformance } from './program-conformance/run-program-conformance.js'
import { standardProgramFixtures } from './program-conformance/standard-fixtures.js'
import { readFixtures } from './read-fixtures.js'

const JAVASCRIPT = ['.js', '.mjs', '.cjs', '.ts', '.mts']

/**
 * Runs the conformance suite on what lies at a path, for its author: a package with a `janus` field, a file that exports
 * modules, or a program. JavaScript is imported into this process; a program runs in a sandbox, on machines of its own.
 * @returns one report for each module
 * @throws JANUS_FILE_INVALID, JANUS_MODULE_MANIFEST_INVALID, JANUS_MODULE_IMPORT_FAILED, JANUS_MODULE_SHAPE_INVALID,
 * JANUS_MODULE_ENTRY_OUTSIDE_PACKAGE, JANUS_SANDBOX_UNAVAILABLE; JANUS_ABORTED when the signal says so
 */
export async function testModule(path: string, options: TestModuleOptions = {}): Promise<readonly ConformanceReport[]> {
  const { fixtures, ...settings } = options
  const real = await realPathOf(path)
  const isPackage = (await stat(real)).isDirectory() || basename(real) === 'package.json'
  const subjects = isPackage ? await subjectsOfPackage(real) : await subjectsOfFile(real)
  const given = await readFixtures(fixtures ?? fixtureCandidates(real, isPackage))
  const reports: ConformanceReport[] = []
  for (const subject of subjects) reports.push(await reportOn(subject, given(subject.id, subjects.length), settings))
  return reports
}

/** A module that is to be tested. */
type Subject =
  | { readonly id: string; readonly path: string; readonly module: JanusModule }
  | { readonly id: string; readonly path: string; readonly program: Omit<ProgramSubject, 'fixtures'> }

async function reportOn(
  subject: Subject,
  fixtures: readonly unknown[] | undefined,
  settings: RunCasesOptions,
): Promise<ConformanceReport> {
  if ('module' in subject) {
    const report = await runConformance(subject.module, fixtures as readonly ModuleFixture[] | undefined, settings)
    return { ...report, path: subject.path }
  }
  const known = (fixtures as readonly ProgramFixture[] | undefined) ?? (await standardProgramFixtures(subject.program))
  return runProgramConformance({ ...subject.program, fixtures: known }, settings)
}

async function subjectsOfPackage(path: string): Promise<readonly Subject[]> {
  const directory = basename(path) === 'package.json' ? dirname(path) : path
  const file = await readPackageFile(directory)
  if (file === undefined) throw janusError('JANUS_FILE_INVALID', `${directory} has no package.json that can be read`)
  const found = modulesOfPackage(file)
  if (found.length === 0) {
    throw janusError(
      'JANUS_MODULE_MANIFEST_INVALID',
      `the package.json in ${directory} has no janus field that names modules`,
    )
  }
  return Promise.all(found.map(subjectOfDiscovered))
}

async function subjectOfDiscovered({ id, type, version, code, diagnostics }: DiscoveredModule): Promise<Subject> {
  const [problem] = diagnostics
  if (problem !== undefined) throw janusError(problem.code as JanusErrorCode, problem.summary, { module: id })
  if (code === undefined) throw janusError('JANUS_INTERNAL', `module ${id} has neither code nor a reason`)
  const path = await realPathOf(join(code.directory, code.entry))
  if (!path.startsWith(`${code.directory}/`)) {
    throw janusError('JANUS_MODULE_ENTRY_OUTSIDE_PACKAGE', `${code.entry} lies outside of ${code.directory}`, {
      module: id,
    })
  }
  if (code.kind === 'command') {
    const stated = extname(path) === '.sh' ? {} : { stated: { id, type, version } }
    return { id, path, program: { file: path, directory: code.directory, ...stated } }
  }
  const choice = chooseModule({ namespace: await importFile(path), id, export: code.export })
  if ('problem' in choice) throw janusError('JANUS_MODULE_SHAPE_INVALID', `${path} is not a module: ${choice.problem}`)
  return { id, path, module: choice.module }
}

async function subjectsOfFile(path: string): Promise<readonly Subject[]> {
  if (!JAVASCRIPT.includes(extname(path))) return [{ id: basename(path, extname(path)), path, program: { file: path } }]
  const namespace = await importFile(path)
  const modules = [...new Set(Object.values(namespace).filter(isJanusModule))]
  if (modules.length > 0) return modules.map((module) => ({ id: module.metadata.id, path, module }))
  const choice = chooseModule({ namespace, id: basename(path), export: undefined })
  const problem = 'problem' in choice ? choice.problem : 'it exports no module'
  throw janusError('JANUS_MODULE_SHAPE_INVALID', `${path} is not a module: ${problem}`)
}

function fixtureCandidates(path: string, isPackage: boolean): readonly string[] {
  const directory = isPackage && basename(path) !== 'package.json' ? path : dirname(path)
  const name = isPackage ? 'conformance-fixtures' : `${basename(path, extname(path))}.fixtures`
  return ['.js', '.mjs'].map((extension) => join(directory, `${name}${extension}`))
}

async function importFile(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(/* @vite-ignore */ pathToFileURL(path).href)) as Readonly<Record<string, unknown>>
  } catch (cause) {
    const [reason] = String(cause instanceof Error ? cause.message : cause).split('\n')
    throw janusError('JANUS_MODULE_IMPORT_FAILED', `${path} could not be imported: ${reason}`, { cause })
  }
}

async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (cause) {
    throw janusError('JANUS_FILE_INVALID', `${path} cannot be read`, { cause })
  }
}
