import type { Host } from '../contract/host.js'
import type { Queries, Query, QueryAnswer, QueryName } from '../contract/query.js'
import { findArchiveMembers } from './queries/archive-members.js'
import { findDescriptorHolders } from './queries/descriptor-holders.js'
import { readDiskSignature } from './queries/disk-signature.js'
import { findProgram } from './queries/find-program.js'
import { readIdentity } from './queries/identity.js'
import { probeOpenable } from './queries/openable.js'
import { answerFromSnapshot } from './queries/snapshot-answers.js'
import { isSnapshotHost } from './snapshot-host.js'

/** What queries need to know about who asks. */
export interface QueryOptions {
  /** Environment whose PATH is searched for programs. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** User to answer `identity` for. Default: who runs this process. */
  readonly uid?: number
}

type Answers = {
  readonly [Name in QueryName]: (input: Queries[Name]['input']) => QueryAnswer<Name> | Promise<QueryAnswer<Name>>
}

/**
 * Makes the closed list of read-only probes for a host. A captured host answers what was asked when it was captured.
 * @param host the machine, a tree or a snapshot
 * @param options PATH and user of the live machine
 */
export function createQuery(host: Host, options: QueryOptions): Query {
  const answers = host.kind === 'live' ? liveAnswers(host, options) : undefined
  return async (name, input) => {
    if (answers !== undefined) return answers[name](input)
    if (isSnapshotHost(host)) return answerFromSnapshot(host.snapshot, name, input)
    return { available: false, reason: `${host.description} is a captured host, nothing can be asked of it` }
  }
}

function liveAnswers(host: Host, { env, uid }: QueryOptions): Answers {
  return {
    openable: ({ path }) => probeOpenable(path),
    program: ({ name }) => findProgram(name, env.PATH),
    'descriptor-holders': ({ devices }) => findDescriptorHolders(devices),
    'disk-signature': ({ name, device }) => readDiskSignature(name, device),
    'archive-members': ({ path, members }) => findArchiveMembers(host, path, members),
    identity: () => readIdentity(uid),
  }
}
