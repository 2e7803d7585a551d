import { basename } from 'node:path'
import * as z from '@janus/core/zod'
import type { MaterialReference, Mission, MissionTask } from '../contract/mission.js'
import { missionInvalid } from './mission-invalid.js'

const MOST_MATERIALS = 200
const MOST_CONTEXT_CHARACTERS = 4000
const MOST_CONTEXT_DEPTH = 4

const text = z.string().max(20_000)
const id = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'must be letters, digits, dots, underscores and hyphens')
const name = z.string().min(1).max(200)
const path = z
  .string()
  .min(1)
  .max(4095)
  .regex(/^[^\0]*$/, 'must hold no NUL')
const count = z.int().min(0).max(1_000_000)
const texts = z.array(text).max(200)
const task = z.union([text, z.looseObject({ description: text, status: z.string().max(100).optional() })])
const deliverable = z.union([path, z.looseObject({ location: path, required_count: count.optional() })])
const material = z.union([
  path,
  z.looseObject({ path, name: name.optional() }),
  z.looseObject({ content: z.string().max(1_000_000), name: name.optional() }),
])
const materials = z.array(material).max(MOST_MATERIALS)
/** A time may stand unquoted in YAML, where it is a text too in the core schema. */
const time = z.string().max(64)

const mission = z.looseObject({
  mission_id: id.optional(),
  id: id.optional(),
  mission_name: name.optional(),
  name: name.optional(),
  objective: text.optional(),
  objectives: z.union([text, texts]).optional(),
  goals: z.union([text, texts]).optional(),
  status: z.string().max(100).optional(),
  deliverable: deliverable.nullish(),
  tasks: z.array(task).max(200).nullish(),
  materials: materials.nullish(),
  sources: materials.nullish(),
  architecture_docs: materials.nullish(),
  philosophy_docs: materials.nullish(),
  mission_context: z.unknown().optional(),
  activated_timestamp: time.nullish(),
  completed_timestamp: time.nullish(),
})

/**
 * Reads a mission in any of the forms of the documents: each member by each of its names. Members of other names are for other readers and left out.
 * @param value untrusted
 * @param options.directory absolute: where its relative paths count from
 * @param options.place file it stands in, for messages
 * @throws JANUS_AGENT_MISSION_INVALID naming the member
 */
export function parseMission(value: unknown, options: { readonly directory: string; readonly place: string }): Mission {
  const { directory, place } = options
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw missionInvalid(place, 'it is no mapping')
  const parsed = mission.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw missionInvalid(place, `${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? 'has another form'}`)
  }
  const given = parsed.data
  const missionId = oneOf(place, 'mission_id', given.mission_id, 'id', given.id)
  if (missionId === undefined) throw missionInvalid(place, 'it has neither mission_id nor id')
  const goals = [...listOf(given.objectives), ...listOf(given.goals)]
  const objective = given.objective ?? goals[0]
  if (objective === undefined) throw missionInvalid(place, 'it has no objective')
  return {
    id: missionId,
    name: oneOf(place, 'mission_name', given.mission_name, 'name', given.name) ?? missionId,
    objective,
    goals,
    status: (given.status ?? 'active').trim().toLowerCase(),
    deliverable: deliverableOf(given.deliverable),
    tasks: (given.tasks ?? []).map(taskOf),
    materials: [given.materials, given.sources, given.architecture_docs, given.philosophy_docs].flatMap((list) =>
      (list ?? []).map(materialOf),
    ),
    context: contextOf(given.mission_context),
    activatedAt: given.activated_timestamp ?? undefined,
    completedAt: given.completed_timestamp ?? undefined,
    directory,
  }
}

/** The one of two names that is used; both are fine when they say the same. */
function oneOf(
  place: string,
  first: string,
  one: string | undefined,
  second: string,
  other: string | undefined,
): string | undefined {
  if (one !== undefined && other !== undefined && one !== other)
    throw missionInvalid(
      place,
      `${first} is ${JSON.stringify(one)} and ${second} ${JSON.stringify(other)}; leave one out`,
    )
  return one ?? other
}

function listOf(given: string | readonly string[] | undefined): readonly string[] {
  return given === undefined ? [] : typeof given === 'string' ? [given] : given
}

function deliverableOf(given: z.output<typeof deliverable> | null | undefined): Mission['deliverable'] {
  if (given === null || given === undefined) return undefined
  return typeof given === 'string'
    ? { location: given, requiredCount: 1 }
    : { location: given.location, requiredCount: given.required_count ?? 1 }
}

function taskOf(given: z.output<typeof task>): MissionTask {
  return typeof given === 'string'
    ? { description: given, status: 'open' }
    : { description: given.description, status: given.status ?? 'open' }
}

function materialOf(given: z.output<typeof material>, index: number): MaterialReference {
  if (typeof given === 'string') return { name: basename(given), path: given }
  if ('path' in given) return { name: given.name ?? basename(given.path as string), path: given.path as string }
  return { name: given.name ?? `text ${index + 1}`, content: given.content as string }
}

/** What is an object in one file and a text in another is a text here: `goal: tidy` for each member, those of members behind a dot. */
function contextOf(given: unknown): string {
  const lines: string[] = []
  const walk = (value: unknown, key: string, depth: number): void => {
    if (lines.length >= MOST_MATERIALS || value === null || value === undefined) return
    if (typeof value !== 'object') lines.push(key === '' ? String(value) : `${key}: ${String(value)}`)
    else if (depth < MOST_CONTEXT_DEPTH)
      for (const [name, member] of Object.entries(value)) walk(member, key === '' ? name : `${key}.${name}`, depth + 1)
  }
  walk(given, '', 0)
  return lines.join('\n').slice(0, MOST_CONTEXT_CHARACTERS)
}
