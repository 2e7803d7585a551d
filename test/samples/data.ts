import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfigText } from '@janus/core/config-text'
import { argumentGrammarSchema } from '@janus/core/schemas'
import { overdueMaintenance } from '../../packages/agent/src/configured/overdue-maintenance.js'
import { readMissionSequence } from '../../packages/agent/src/missions/mission-sequence.js'
import { parseMission } from '../../packages/agent/src/missions/parse-mission.js'
import { parseSettings } from '../../packages/agent/src/settings/load-settings.js'
import { documentText } from '../../packages/cli/src/json-document.js'
import { parseConfiguration } from '../../packages/core/src/modules/config-schema.js'
import { manifestSchema } from '../../packages/core/src/modules/manifest-schema.js'
import { parseProfile } from '../../packages/core/src/profile/parse-profile.js'

/** Reads the text of a sample as whoever gets such a file does; throws where it is not one. */
type Reader = (text: string) => unknown

/** Who reads a sample of data, by the name behind `schema=`. */
const READERS: Readonly<Record<string, Reader>> = {
  'janus.cli/1': (text) => {
    const { schema: _, ...document } = JSON.parse(text) as Parameters<typeof documentText>[0] & { schema: string }
    requireSame(JSON.parse(documentText(document)), JSON.parse(text))
  },
  'janus.config/1': (text) => {
    const parsed = parseConfiguration(JSON.parse(text))
    if ('problem' in parsed) throw new Error(`${parsed.field} ${parsed.problem}`)
  },
  'janus.maintenance/1': (text) =>
    inFile('maintenance.json', text, async (path) => {
      const owner = process.getuid?.() ?? 0
      const why = overdueMaintenance({ controls: { maintenance_file: path } } as never, new Date(0), owner)
      if (why !== undefined) throw new Error(why)
    }),
  'janus.profile/1': (text) => parseProfile(text, 'sample.yaml'),
  grammar: (text) => argumentGrammarSchema.parse(JSON.parse(text)),
  manifest: (text) => {
    const field = JSON.parse(`{${text}}`) as { janus?: object }
    manifestSchema.parse(field.janus ?? { api: 1, modules: [], ...field })
  },
  mission: async (text) => parseMission(await yaml(text), { directory: '/', place: 'sample.yaml' }),
  'mission-sequence': (text) => inFile('mission_sequence.yaml', text, readMissionSequence),
  package: (text) => manifestSchema.parse((JSON.parse(text) as { janus: unknown }).janus),
  settings: (text) => parseSettings(text, 'sample.yaml'),
}

/**
 * Reads a sample of data as its `schema=` says, or with `shape` as JSON or YAML and nothing more.
 * @returns why it is not one; undefined when it is
 */
export async function dataFault(language: string, word: string | undefined, text: string): Promise<string | undefined> {
  const read = word === 'shape' ? shapeReader(language) : READERS[/^schema=(.*)$/.exec(word ?? '')?.[1] ?? '']
  if (read === undefined) return `says nothing of what it is: schema=${Object.keys(READERS).join(', schema=')} or shape`
  try {
    await read(text)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function shapeReader(language: string): Reader {
  return language === 'json' ? JSON.parse : yaml
}

async function yaml(text: string): Promise<unknown> {
  return (await readConfigText(text, 'sample.yaml')).value
}

async function inFile(name: string, text: string, read: (path: string) => Promise<unknown>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'janus-sample-'))
  try {
    const path = join(folder, name)
    await writeFile(path, text, { mode: 0o600 })
    await read(path)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function requireSame(left: unknown, right: unknown): void {
  if (JSON.stringify(left) !== JSON.stringify(right)) throw new Error(`is ${JSON.stringify(left)}`)
}
