import type { Queries, Query, QueryAnswer, QueryName } from '../../contract/query.js'
import { findArchiveMembers } from '../../host/queries/archive-members.js'
import { createTreeHost } from '../file-tree/tree-host.js'
import type { HeldNode } from './descriptors.js'
import type { QueryAnswers } from './kernel-spec.js'
import type { KernelState } from './kernel-state.js'

const PROGRAM_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

type Answers = {
  [Name in QueryName]: (input: Queries[Name]['input']) => QueryAnswer<Name> | Promise<QueryAnswer<Name>>
}

/** Answers queries from what the model holds; a canned answer goes first. */
export function createModelQuery(kernel: KernelState, holds: ReadonlySet<HeldNode>, canned: QueryAnswers): Query {
  const host = createTreeHost(kernel.tree, { kind: 'live', root: '/', description: 'the model' })
  const answers: Answers = {
    openable({ path }) {
      const { node, errno } = kernel.tree.lookup(path)
      return { available: true, openable: node !== undefined, ...(errno === undefined ? {} : { error: errno }) }
    },
    program({ name }) {
      const path = PROGRAM_PATH.map((directory) => `${directory}/${name}`).find(
        (candidate) => kernel.tree.lookup(candidate).node,
      )
      return { available: true, path: path ?? null }
    },
    'descriptor-holders'({ devices }) {
      const held = [...holds].filter(({ device }) => devices.includes(device))
      const holders = held.map((hold) => ({ ...hold, name: 'qemu-system-x86' }))
      return { available: true, holders, complete: true }
    },
    'disk-signature': () => ({ available: false, reason: 'disks of the model hold no bytes' }),
    'archive-members': ({ path, members }) => findArchiveMembers(host, path, members),
    identity: () => ({ available: true, uid: 0, user: 'root', groups: ['root'] }),
  }
  return async (name, input) => {
    const given = canned[name]
    if (typeof given === 'function') return (given as (input: unknown) => QueryAnswer<typeof name>)(input)
    return given === undefined ? answers[name](input) : (given as QueryAnswer<typeof name>)
  }
}
