import type { Finding, Host, Query } from '@janus/core'

const DEVICE = '/dev/kvm'

/** Whether /dev/kvm can really be opened for reading and writing by whoever runs Janus: that it exists is not enough. */
export async function deviceFinding(host: Host, query: Query): Promise<Finding> {
  const id = 'kvm-device'
  const { value: found, unreadable } = await host.stat(DEVICE)
  if (found === undefined) {
    if (host.kind !== 'live' || unreadable !== undefined) {
      return {
        id,
        status: 'skipped',
        summary: `the host does not show ${DEVICE}`,
        evidence: [{ path: DEVICE, ...(unreadable === undefined ? {} : { value: unreadable }) }],
      }
    }
    const remedy = 'Load the KVM module of the processor; in a container, pass the device in.'
    return { id, status: 'warn', summary: `${DEVICE} does not exist`, evidence: [{ path: DEVICE }], remedy }
  }
  const answer = await query('openable', { path: DEVICE })
  const shown = {
    path: DEVICE,
    value: `${found.type}, mode ${found.mode.toString(8).padStart(4, '0')}, owner ${found.uid}:${found.gid}`,
  }
  if (!answer.available) {
    return {
      id,
      status: 'skipped',
      summary: `${DEVICE} exists; whether it can be opened is not known: ${answer.reason}`,
      evidence: [shown],
    }
  }
  if (answer.openable)
    return { id, status: 'ok', summary: `${DEVICE} can be opened for reading and writing`, evidence: [shown] }
  const reason = answer.error ?? 'unknown error'
  return {
    id,
    status: 'warn',
    summary: `${DEVICE} cannot be opened for reading and writing: ${reason}`,
    evidence: [shown],
    remedy: reason.includes('EACCES')
      ? 'Add your user to the group that owns it (usually kvm) and log in again.'
      : 'Load the KVM module of the processor.',
  }
}
