import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clients } from '../registry/clients.js'

/** The parts of a CycloneDX document that are looked at here. */
export interface Sbom {
  readonly bomFormat: string
  readonly specVersion: string
  readonly serialNumber: string
  readonly metadata: { readonly component: SbomComponent }
  readonly components: readonly SbomComponent[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[]
}

/** One package in it. */
export interface SbomComponent {
  readonly 'bom-ref': string
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly licenses?: readonly {
    readonly license?: { readonly id?: string; readonly name?: string }
    readonly expression?: string
  }[]
  readonly externalReferences?: readonly { readonly type: string; readonly url: string }[]
}

/** A package that is installed. */
export interface InstalledPackage {
  readonly name: string
  readonly version: string
}

/**
 * The bill of materials of what npm installed in a folder, in CycloneDX, by npm itself.
 * @param registry address whose references are left out: of the registry that only this run knows
 */
export async function makeSbom(clients: Clients, project: string, registry: string): Promise<Sbom> {
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--omit', 'dev']
  const { stdout } = await clients.npm(project, ...args)
  const sbom = JSON.parse(stdout) as Sbom
  const components = sbom.components.map((component) => ({
    ...component,
    externalReferences: (component.externalReferences ?? []).filter(({ url }) => !url.startsWith(registry)),
  }))
  return { ...sbom, components }
}

/** What npm installed in a folder, without the folder itself. */
export async function installedPackages(project: string): Promise<readonly InstalledPackage[]> {
  const lock = JSON.parse(await readFile(join(project, 'node_modules/.package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly version: string; readonly name?: string }>>
  }
  return Object.entries(lock.packages).map(([path, { version, name }]) => ({
    name: name ?? path.replace(/^.*node_modules\//, ''),
    version,
  }))
}

/**
 * What a bill of materials does not tell of what is installed.
 * @returns one line per fault
 */
export function sbomFaults(sbom: Sbom, installed: readonly InstalledPackage[]): readonly string[] {
  const references = new Set([sbom.metadata.component, ...sbom.components].map((component) => component['bom-ref']))
  const dangling = sbom.dependencies.flatMap(({ ref, dependsOn }) =>
    [ref, ...dependsOn].filter((one) => !references.has(one)),
  )
  return [
    ...(sbom.bomFormat === 'CycloneDX' ? [] : [`its format is ${sbom.bomFormat}`]),
    ...(/^1\.\d$/.test(sbom.specVersion) ? [] : [`its version of CycloneDX is ${sbom.specVersion}`]),
    ...(/^urn:uuid:[0-9a-f-]{36}$/.test(sbom.serialNumber) ? [] : [`its serial number is ${sbom.serialNumber}`]),
    ...(sbom.metadata.component.version === '' ? ['what it is of has no version'] : []),
    ...dangling.map((reference) => `a dependency refers to ${reference}, which is no component`),
    ...installed.flatMap((one) => componentFaults(sbom, one)),
  ]
}

function componentFaults(sbom: Sbom, { name, version }: InstalledPackage): readonly string[] {
  const component = sbom.components.find((one) => one.name === name && one.version === version)
  if (component === undefined) return [`${name} ${version} is installed and not in it`]
  const licences = (component.licenses ?? []).map(
    ({ license, expression }) => license?.id ?? license?.name ?? expression,
  )
  return [
    ...(licences.some((licence) => licence !== undefined && licence !== '')
      ? []
      : [`${name} ${version} has no licence`]),
    ...(component.purl === `pkg:npm/${name.replace('@', '%40')}@${version}`
      ? []
      : [`${name} has the address ${component.purl}`]),
  ]
}
