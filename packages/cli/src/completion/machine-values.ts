import type { InventoryDevice, Janus } from '@janus/core'
import type { ValueKind } from '../command-line/command-spec.js'
import type { Candidate } from './expected-word.js'

/** Reads what there is of a kind on a machine: lists and attributes; no module is asked. */
export async function machineValues(janus: Janus, kind: ValueKind): Promise<readonly Candidate[]> {
  switch (kind) {
    case 'device': {
      const { devices } = await janus.inventory()
      return devices.filter(({ role }) => role === 'endpoint').map(deviceCandidate)
    }
    case 'group': {
      const { groups, devices } = await janus.inventory()
      const names = new Map(devices.map(({ address, className }) => [address, className]))
      return groups.map(({ id, members }) => ({
        word: id,
        summary: members.map((address) => `${names.get(address) ?? 'device'} ${address}`).join(', '),
      }))
    }
    case 'module':
      return (await janus.modules()).map(({ id, summary, source }) => ({ word: id, summary: summary ?? source }))
    case 'added': {
      const extensions = await janus.extensions.list()
      return extensions.map(({ name, version, brings }) => ({
        word: name,
        summary: `${version}: ${brings.modules.map(({ id }) => id).join(', ')}`,
      }))
    }
    case 'profile':
      return (await janus.profiles()).map(({ name, profile, path }) => ({
        word: name,
        summary: profile?.summary ?? path,
      }))
    case 'transaction':
      return (await janus.history())
        .filter(({ canRollBack }) => canRollBack)
        .map(({ id, module, state, startedAt }) => ({ word: id, summary: `${module.id}, ${state}, ${startedAt}` }))
        .toReversed()
    default:
      return []
  }
}

function deviceCandidate({ address, className, vendor, device, driver }: InventoryDevice): Candidate {
  return { word: address, summary: `${className} [${vendor}:${device}], ${driver ?? 'no driver'}` }
}
