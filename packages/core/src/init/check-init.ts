import type { Finding } from '../contract/finding.js'
import type { Query } from '../contract/query.js'

const GROUPS: readonly { name: string; purpose: string }[] = [
  { name: 'kvm', purpose: 'open /dev/kvm' },
  { name: 'libvirt', purpose: 'manage virtual machines without a password' },
]

/** What setting up cannot do for a user: membership in the groups that virtual machines need. Never critical. */
export async function checkInit(query: Query): Promise<readonly Finding[]> {
  const identity = await query('identity', {})
  return GROUPS.map(({ name, purpose }): Finding => {
    const id = `group-${name}`
    if (!identity.available)
      return { id, status: 'skipped', summary: `membership in the group ${name} is not known: ${identity.reason}` }
    const evidence = [{ path: '/etc/group', value: identity.groups.join(' ') }]
    if (identity.uid === 0) return { id, status: 'ok', summary: `root does not need the group ${name}`, evidence }
    if (identity.groups.includes(name))
      return { id, status: 'ok', summary: `${identity.user} is in the group ${name}`, evidence }
    const remedy = `Run \`sudo usermod -aG ${name} ${identity.user}\` and log in again.`
    return {
      id,
      status: 'warn',
      summary: `${identity.user} is not in the group ${name}, which lets a user ${purpose}`,
      evidence,
      remedy,
    }
  })
}
