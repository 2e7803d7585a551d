import type { DescriptorHolder, Queries, QueryAnswer, QueryName } from '../../contract/query.js'
import type { Snapshot } from '../../contract/snapshot.js'

/** Key under which a snapshot holds the answer to a query. */
export function queryKey(name: QueryName, input: unknown): string {
  return `${name} ${JSON.stringify(input)}`
}

/**
 * Answers a query from what was asked when the host was captured. Holders of devices are answered from any captured
 * question that covers the devices asked about.
 */
export function answerFromSnapshot<Name extends QueryName>(
  snapshot: Snapshot,
  name: Name,
  input: Queries[Name]['input'],
): QueryAnswer<Name> {
  const notCaptured = { available: false, reason: 'it was not asked when the snapshot was captured' } as const
  if (name === 'descriptor-holders') {
    const answer = holdersFromSnapshot(snapshot, (input as Queries['descriptor-holders']['input']).devices)
    return (answer ?? notCaptured) as QueryAnswer<Name>
  }
  const key = queryKey(name, input)
  const answer = Object.hasOwn(snapshot.queries, key) ? snapshot.queries[key] : undefined
  return isAnswer(name, answer) ? answer : notCaptured
}

function holdersFromSnapshot(
  snapshot: Snapshot,
  devices: readonly string[],
): QueryAnswer<'descriptor-holders'> | undefined {
  const wanted = new Set(devices)
  for (const [key, answer] of Object.entries(snapshot.queries)) {
    if (!key.startsWith('descriptor-holders ') || !isAnswer('descriptor-holders', answer) || !answer.available) continue
    const asked = new Set(devicesOfKey(key))
    if (!devices.every((device) => asked.has(device))) continue
    return { ...answer, holders: answer.holders.filter(({ device }) => wanted.has(device)) }
  }
  return undefined
}

function devicesOfKey(key: string): readonly unknown[] {
  try {
    const input: unknown = JSON.parse(key.slice(key.indexOf(' ') + 1))
    const devices = isObject(input) ? input.devices : undefined
    return Array.isArray(devices) ? devices : []
  } catch {
    return []
  }
}

// A snapshot may be hostile: an answer of the wrong shape is no answer.
function isAnswer<Name extends QueryName>(name: Name, answer: unknown): answer is QueryAnswer<Name> {
  if (!isObject(answer)) return false
  if (answer.available === false) return typeof answer.reason === 'string'
  return answer.available === true && SHAPES[name](answer)
}

const SHAPES: Readonly<Record<QueryName, (answer: Readonly<Record<string, unknown>>) => boolean>> = {
  openable: ({ openable, error }) =>
    typeof openable === 'boolean' && (error === undefined || typeof error === 'string'),
  program: ({ path }) => path === null || typeof path === 'string',
  'descriptor-holders': ({ holders, complete }) =>
    typeof complete === 'boolean' && Array.isArray(holders) && holders.every(isHolder),
  'disk-signature': ({ signature }) => signature === null || typeof signature === 'string',
  'archive-members': ({ members }) =>
    isObject(members) && Object.values(members).every((digest) => digest === null || typeof digest === 'string'),
  identity: ({ uid, user, groups }) =>
    typeof uid === 'number' &&
    typeof user === 'string' &&
    Array.isArray(groups) &&
    groups.every((group) => typeof group === 'string'),
}

function isHolder(value: unknown): value is DescriptorHolder {
  if (!isObject(value)) return false
  const { pid, name, device, path } = value
  return typeof pid === 'number' && [name, device, path].every((text) => typeof text === 'string')
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
