import { lstat } from 'node:fs/promises'
import { arch, platform, release } from 'node:os'
import { dirname } from 'node:path'
import type { Diagnostic } from '../contract/diagnostic.js'
import type { CoreCopy, DoctorReport } from '../contract/doctor-report.js'
import type { ModuleRow } from '../contract/module-row.js'
import type { Query } from '../contract/query.js'
import { registeredCores } from '../core-copies.js'
import { diagnosticOf, janusError } from '../errors/janus-error.js'
import { janusVersion } from '../janus-version.js'
import { readPackageFile } from '../modules/package-file.js'
import { inspectStateDirectory } from '../state/prepare-state-directory.js'
import { hostTools } from './host-tools.js'

/** What a diagnosis is made of. */
export interface DiagnoseSettings {
  readonly modules: () => Promise<readonly ModuleRow[]>
  readonly query: Query
  readonly uid: number
  readonly sudo: boolean
  readonly stateDirectory: string
  readonly extensionDirectory: string
  /** What the checks that packages add say. Default: nothing. */
  readonly contributed?: () => Promise<readonly Diagnostic[]>
}

/** Looks at everything that a report of a problem needs. Starts a few programs of the system, each with a deadline. */
export async function diagnose(settings: DiagnoseSettings): Promise<DoctorReport> {
  const [modules, cores, state, sandbox, tools, contributed] = await Promise.all([
    settings.modules(),
    coreCopies(),
    stateOf(settings),
    trySandbox(),
    hostTools(settings.query),
    settings.contributed?.() ?? [],
  ])
  const { uid, sudo, extensionDirectory } = settings
  return {
    janus: janusVersion(),
    node: { version: process.versions.node, path: process.execPath },
    platform: { os: platform(), architecture: arch(), kernel: release() },
    user: { uid, root: uid === 0, sudo },
    cores,
    stateDirectory: state.directory,
    extensionDirectory,
    sandbox: sandbox.found,
    tools,
    modules,
    diagnostics: [...duplicateCores(cores), ...state.diagnostics, ...sandbox.diagnostics, ...contributed],
  }
}

async function coreCopies(): Promise<readonly CoreCopy[]> {
  const copies = await Promise.all(registeredCores().map(copyAt))
  const byPath = new Map(copies.map((copy) => [copy.path, copy]))
  return [...byPath.values()]
}

async function copyAt(place: string): Promise<CoreCopy> {
  for (let above = dirname(place); ; above = dirname(above)) {
    const file = await readPackageFile(above)
    if (file?.content.name === '@janus/core') return { version: String(file.content.version), path: file.directory }
    if (above === dirname(above)) return { version: 'unknown', path: place }
  }
}

function duplicateCores(cores: readonly CoreCopy[]): readonly Diagnostic[] {
  if (cores.length <= 1) return []
  const places = cores.map(({ version, path }) => `${version} in ${path}`).join(' and ')
  const error = janusError('JANUS_CORE_DUPLICATED', `${cores.length} copies of @janus/core are loaded: ${places}`)
  return [{ ...diagnosticOf(error), severity: 'warning' }]
}

async function stateOf({
  stateDirectory: path,
  uid,
}: DiagnoseSettings): Promise<{ directory: DoctorReport['stateDirectory']; diagnostics: readonly Diagnostic[] }> {
  const mode = await lstat(path).then(
    (stat) => ({ mode: `0${(stat.mode & 0o7777).toString(8)}` }),
    () => ({}),
  )
  try {
    return { directory: { path, state: await inspectStateDirectory(path, { uid }), ...mode }, diagnostics: [] }
  } catch (error) {
    return { directory: { path, state: 'refused', ...mode }, diagnostics: [diagnosticOf(error)] }
  }
}

async function trySandbox(): Promise<{ found: DoctorReport['sandbox']; diagnostics: readonly Diagnostic[] }> {
  try {
    const { probeSandbox } = await import('../sandbox/probe-sandbox.js')
    const { program, version } = await probeSandbox()
    return { found: { available: true, program, version }, diagnostics: [] }
  } catch (error) {
    return { found: { available: false }, diagnostics: [{ ...diagnosticOf(error), severity: 'warning' }] }
  }
}
