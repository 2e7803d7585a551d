import { access, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CompilerState, Extractor, ExtractorConfig } from '@microsoft/api-extractor'
import { publicPackages, repository, type WorkspacePackage } from './workspace.js'

/** The public types of one entry of a package, as api-extractor writes them down. */
export interface ApiReport {
  /** Name of the file in `etc/`: `core.api.md`, `core-testing.api.md`. */
  readonly file: string
  readonly text: string
}

/**
 * Writes down what every entry of every published package exports, from the built declarations. Needs the packages built.
 * @param root the repository whose packages are looked at
 * @returns one report per entry that has types, sorted by file name
 */
export async function apiReports(root: string = repository): Promise<readonly ApiReport[]> {
  const folder = await mkdtemp(join(tmpdir(), 'janus-api-'))
  try {
    const reports = await Promise.all(
      (await publicPackages(root)).map(async (member) => await reportsOf(member, folder)),
    )
    return reports.flat().toSorted((a, b) => (a.file < b.file ? -1 : 1))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function reportsOf(member: WorkspacePackage, folder: string): Promise<readonly ApiReport[]> {
  const entries = typedEntries(member)
  for (const { types } of entries) {
    await access(types).catch(() => {
      throw new Error(`${types} is missing: run \`npm run build\` first`)
    })
  }
  const [first, ...others] = entries.map(({ file, types }) => extractorConfig(member, types, file, folder))
  if (first === undefined) return []
  // One program for all entries: making it takes most of the time.
  const compilerState = CompilerState.create(first, {
    additionalEntryPoints: others.map(({ mainEntryPointFilePath }) => mainEntryPointFilePath),
  })
  const problems: string[] = []
  for (const config of [first, ...others]) {
    Extractor.invoke(config, {
      localBuild: true,
      compilerState,
      messageCallback: (message) => {
        if (message.logLevel === 'error') problems.push(message.text)
        message.handled = true
      },
    })
  }
  if (problems.length > 0) throw new Error(`api-extractor cannot read ${member.name}:\n${problems.join('\n')}`)
  return await Promise.all(
    entries.map(async ({ file }) => ({ file, text: await readFile(join(folder, file), 'utf8') })),
  )
}

function typedEntries({ name, folder, json }: WorkspacePackage): readonly { file: string; types: string }[] {
  return Object.entries(json.exports ?? {}).flatMap(([subpath, target]) => {
    if (typeof target === 'string' || target.types === undefined) return []
    const words = [name.replace(/^@[^/]+\//, ''), ...subpath.split('/').slice(1)]
    return [{ file: `${words.join('-')}.api.md`, types: join(folder, target.types) }]
  })
}

function extractorConfig(
  { folder: projectFolder }: WorkspacePackage,
  types: string,
  reportFileName: string,
  folder: string,
): ExtractorConfig {
  const silent = { default: { logLevel: 'none' as never } }
  return ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(projectFolder, 'package.json'),
    configObject: {
      projectFolder,
      mainEntryPointFilePath: types,
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: { extends: join(repository, 'tsconfig.base.json'), files: [types] },
      },
      apiReport: { enabled: true, reportFileName, reportFolder: folder, reportTempFolder: join(folder, 'temporary') },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        // What a report would say of these names a file with a hash in it; typedoc refuses them already.
        extractorMessageReporting: silent,
        tsdocMessageReporting: silent,
      },
    },
  })
}
