import { opendir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { isJanusError, type JsonValue, janusError } from '@janus/core'
import { errnoOf } from '@janus/core/state'
import type { Mission } from '../contract/mission.js'
import { createSystemClock } from '../local/system-clock.js'
import { CURRENT_MISSION, parseHandOver } from '../missions/hand-over-files.js'
import { MISSION_SEQUENCE } from '../missions/mission-sequence.js'
import { readIfThere } from '../missions/read-if-there.js'
import { readMissionFile } from '../missions/read-mission-file.js'
import { missionPayload, stageMission } from '../missions/stage-mission.js'
import { shortLine } from '../review/short-line.js'
import { visibleLine, visibleName } from '../review/visible-text.js'
import type { AgentCall, AgentCommand } from './agent-command.js'
import { columns } from './render/columns.js'

const MOST_FILES = 500
const MOST_CELL = 60

/** `missions list`. */
export const missionsList: AgentCommand = {
  words: 'missions list',
  summary: 'The mission files of llm.missions_dir, and which of them the agent works on.',
  positionals: [],
  options: {},
  example: 'missions list',
  async run(call) {
    const { directory, stateDirectory } = await placesOf(call)
    const current = await currentMission(stateDirectory)
    const missions = await missionsIn(directory)
    const rows = missions.map(({ file, mission, problem }) => [
      mission === undefined
        ? '?'
        : mission.id === current?.id
          ? `${visibleName(mission.id)} *`
          : visibleName(mission.id),
      mission === undefined ? 'cannot be read' : visibleLine(mission.status),
      shortLine(mission?.name ?? problem ?? '', MOST_CELL),
      visibleLine(file),
    ])
    const table = columns([['ID', 'STATUS', 'NAME', 'FILE'], ...rows]).join('\n')
    return {
      data: {
        directory,
        current: current?.id ?? null,
        missions: missions.map(({ file, mission, problem }) => ({
          file,
          mission: mission === undefined ? null : asJson(mission),
          problem: problem ?? null,
        })),
      },
      text: rows.length === 0 ? `no missions in ${visibleLine(directory)}` : `${table}\n\n* the agent works on it`,
    }
  },
}

/** `missions show`. */
export const missionsShow: AgentCommand = {
  words: 'missions show',
  summary: 'The mission that the agent works on, or that of a file.',
  positionals: ['file?'],
  options: {},
  example: 'missions show',
  async run(call) {
    const named = call.positional('file')
    const mission = named === '' ? await currentMission((await placesOf(call)).stateDirectory) : await missionAt(named)
    if (mission === undefined) return { data: { mission: null }, text: 'no mission was handed over' }
    return { data: { mission: asJson(mission) }, text: missionLines(mission).join('\n') }
  },
}

/** `missions stage`. */
export const missionsStage: AgentCommand = {
  words: 'missions stage',
  summary: 'Hands a mission over: the agent takes it at its next look, in place of the one it works on.',
  positionals: ['file'],
  options: {},
  example: 'missions stage ./tidy-logs.yaml',
  async run(call) {
    const { stateDirectory } = await placesOf(call)
    const payload = await missionPayload(resolve(call.positional('file')), createSystemClock()).catch(
      named(call.positional('file')),
    )
    await call.context.mutate(() =>
      stageMission(stateDirectory, payload).catch((error: unknown) => {
        if (errnoOf(error) !== 'ENOENT') throw error
        throw janusError('JANUS_USAGE', `${stateDirectory} is not there`, {
          remedy: 'Create the directory of harness.mission_state_dir, for the user of the agent.',
        })
      }),
    )
    return {
      data: { mission: payload.mission.id, payloadDigest: payload.digest },
      text: `${visibleName(payload.mission.id)} waits in ${visibleLine(stateDirectory)}; its payload is ${payload.digest.slice(0, 16)}`,
    }
  },
}

interface FoundMission {
  readonly file: string
  readonly mission?: Mission
  readonly problem?: string
}

async function missionsIn(directory: string): Promise<readonly FoundMission[]> {
  const files: string[] = []
  try {
    for await (const { name } of await opendir(directory)) {
      if (/\.(?:ya?ml|json)$/.test(name) && name !== MISSION_SEQUENCE) files.push(name)
      if (files.length >= MOST_FILES) break
    }
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
  }
  const found: FoundMission[] = []
  for (const file of files.toSorted()) {
    try {
      found.push({ file, mission: await readMissionFile(join(directory, file)) })
    } catch (error) {
      found.push({ file, problem: error instanceof Error ? error.message : String(error) })
    }
  }
  return found
}

async function currentMission(stateDirectory: string): Promise<Mission | undefined> {
  const path = join(stateDirectory, CURRENT_MISSION)
  const bytes = await readIfThere(path)
  return bytes === undefined ? undefined : (await parseHandOver(bytes, path)).mission
}

async function missionAt(file: string): Promise<Mission> {
  return readMissionFile(resolve(file)).catch(named(file))
}

/** What opening a file that a command line names fails with. */
function named(file: string): (error: unknown) => never {
  return (error) => {
    if (isJanusError(error)) throw error
    throw janusError('JANUS_FILE_INVALID', `${file} cannot be read`, { cause: error })
  }
}

async function placesOf(call: AgentCall): Promise<{ readonly directory: string; readonly stateDirectory: string }> {
  const { settings } = await (await call.reader()).showRules()
  const setting = (key: string): string => String(settings.find((row) => row.key === key)?.value ?? '')
  return { directory: setting('llm.missions_dir'), stateDirectory: setting('harness.mission_state_dir') }
}

function missionLines(mission: Mission): readonly string[] {
  const { deliverable } = mission
  return [
    `mission      ${visibleName(mission.id)}, ${visibleLine(mission.status)}`,
    `name         ${visibleLine(mission.name)}`,
    `objective    ${visibleLine(mission.objective)}`,
    ...mission.goals.map((goal) => `goal         ${visibleLine(goal)}`),
    ...(deliverable === undefined
      ? []
      : [`deliverable  ${visibleLine(deliverable.location)}, ${deliverable.requiredCount} of it`]),
    ...mission.tasks.map(
      ({ description, status }) => `task         ${visibleLine(status)}: ${visibleLine(description)}`,
    ),
    ...mission.materials.map((material) =>
      'path' in material
        ? `material     ${visibleLine(material.name)}: ${visibleLine(material.path)}`
        : `material     ${visibleLine(material.name)}: ${material.content.length} characters`,
    ),
    `paths from   ${visibleLine(mission.directory)}`,
  ]
}

function asJson(mission: Mission): JsonValue {
  // As JSON: what is undefined in it is not there.
  return JSON.parse(JSON.stringify(mission)) as JsonValue
}
