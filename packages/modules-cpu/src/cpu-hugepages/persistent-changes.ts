import { basename } from 'node:path'
import { type Change, type Host, janusError } from '@janus/core'
import { attributeOf } from './attribute-of.js'
import { ownFileChanges, readOwnLines } from './own-file.js'
import type { Reservation } from './reservations.js'
import { sizeWords } from './size-words.js'
import { hugepageSettings } from './sysctl-settings.js'
import type { HugepageTarget } from './target.js'

const SYSCTL_FOLDER = '/etc/sysctl.d'
const SYSCTL_NAME = 'janus-hugepages.conf'
const SYSCTL = `${SYSCTL_FOLDER}/${SYSCTL_NAME}`
const TMPFILES = '/etc/tmpfiles.d/janus-hugepages.conf'
const ALL_NODES = '/proc/sys/vm/nr_hugepages'

/**
 * The file by which a boot reserves pages below 1 GiB. Pages of the default size over all nodes are a sysctl; those of one
 * node, or of another size, are attributes that only tmpfiles.d (`w` lines) writes at boot, before services that use them.
 * @param reservations what each pool is to hold
 * @throws JANUS_HOST_UNFIT where another file sets the same at boot, or nothing reads tmpfiles.d
 */
export async function persistentChanges(
  host: Host,
  target: HugepageTarget,
  reservations: readonly Reservation[],
): Promise<readonly Change[]> {
  const { pages, node, sizeKiB, isDefaultSize } = target
  const what = `${pages} pages of ${sizeWords(sizeKiB ?? 0)}`
  if (node === undefined && isDefaultSize) {
    await requireLastWord(host, pages)
    const perNode = (await readOwnLines(host, TMPFILES)).find((line) => line.includes(`-${sizeKiB}kB/`))
    if (perNode !== undefined && pages !== 0) throw contradicted(TMPFILES, `sets the pages of a node: ${perNode}`)
    const lines = pages === 0 ? [] : [`vm.nr_hugepages = ${pages}`]
    const afterBoot = [{ kind: 'equals', path: ALL_NODES, value: String(pages) } as const]
    return ownFileChanges(host, { path: SYSCTL, lines, why: `reserve ${what} at every boot`, afterBoot })
  }
  const [other] = isDefaultSize && pages !== 0 ? await hugepageSettings(host) : []
  if (other !== undefined) throw contradicted(other.path, `sets vm.nr_hugepages to ${other.value}, over all nodes`)
  if (pages !== 0) await requireTmpfiles(host)
  const kept = (await readOwnLines(host, TMPFILES)).filter(
    (line) => !reservations.some(({ pool }) => line.split(/\s+/)[1] === attributeOf(pool)),
  )
  const wanted = reservations.filter((one) => one.pages > 0)
  const lines = [...kept, ...wanted.map((one) => `w ${attributeOf(one.pool)} - - - - ${one.pages}`)].sort()
  const afterBoot = reservations.map((one) => {
    return { kind: 'equals', path: attributeOf(one.pool), value: String(one.pages) } as const
  })
  const where = node === undefined ? '' : ` on node ${node}`
  return ownFileChanges(host, { path: TMPFILES, lines, why: `reserve ${what}${where} at every boot`, afterBoot })
}

/** Of the files that come behind ours the last one counts; without ours, of all. */
async function requireLastWord(host: Host, pages: number): Promise<void> {
  const others = (await hugepageSettings(host)).filter(({ name }) => name !== SYSCTL_NAME)
  const last = others.filter(({ name }) => pages === 0 || name > SYSCTL_NAME).at(-1)
  if (last === undefined || last.value === String(pages)) return
  const when = pages === 0 ? '' : `, after ${SYSCTL}`
  throw contradicted(last.path, `sets vm.nr_hugepages to ${last.value}${when}`)
}

async function requireTmpfiles(host: Host): Promise<void> {
  for (const path of ['/usr/bin/systemd-tmpfiles', '/bin/systemd-tmpfiles']) if (await host.exists(path)) return
  const message = `nothing on ${host.description} writes attributes of one node at boot: there is no systemd-tmpfiles`
  throw janusError('JANUS_HOST_UNFIT', message, {
    remedy: 'Leave node, near and size away, or write the number from a boot script of your own.',
    data: { path: '/usr/bin/systemd-tmpfiles' },
  })
}

function contradicted(path: string, words: string): Error {
  const own = `${SYSCTL_FOLDER}/${basename(path)}`
  const isLocal = path.startsWith('/etc/')
  return janusError('JANUS_HOST_UNFIT', `${path} ${words}: the next boot could reserve another number`, {
    remedy: isLocal
      ? `Take the line out of ${path}, or roll back what wrote it.`
      : `Copy it to ${own}, which is read instead, and take the line out there.`,
    data: { path },
  })
}
