import { type Host, janusError } from '@janus/core'
import type { InitramfsImage } from '@janus/core/boot'
import { oneLine } from '../one-line.js'

const PROGRAM = '/usr/bin/mkinitcpio'
const MAIN = '/etc/mkinitcpio.conf'
const FOLDER = `${MAIN}.d`
const OWN = 'janus-vfio.conf'
const HOOKS = /^\s*HOOKS(\+?=)(?:\(([^)]*)\)|"([^"]*)"|'([^']*)'|(\S*))/gm

/**
 * Makes sure that mkinitcpio takes the hook of Janus, which a file of /etc/mkinitcpio.conf.d names, into these images.
 * @throws JANUS_HOST_UNFIT when it does not read that file for one of them, or would not run the hook at boot
 */
export async function requireDropIns(host: Host, images: readonly InitramfsImage[]): Promise<void> {
  const { value: program } = await host.readText(PROGRAM)
  if (program !== undefined && !program.includes('mkinitcpio.conf.d')) {
    const message = `${PROGRAM} does not read ${FOLDER}, where Janus names its hook`
    throw unfit(message, 'Update mkinitcpio: it reads the folder since version 36.', { path: PROGRAM })
  }
  for (const { path: image, configuration } of images) {
    if (configuration === undefined) continue
    const { path, preset, setBy } = configuration
    const message = `${setBy} of ${preset} names ${oneLine(path)} for ${image}, and mkinitcpio then ignores ${FOLDER}, where Janus names its hook`
    const same = `Comment ${setBy} out: mkinitcpio reads ${MAIN} anyway, and ${FOLDER} with it.`
    const other = `Move what is different in ${oneLine(path)} to ${MAIN} or a file in ${FOLDER}, and comment ${setBy} out.`
    throw unfit(message, path === MAIN ? same : other, { path: preset, image })
  }
  await requireEarlyHooks(host)
}

/** Where systemd is the init of the initramfs, hooks do not run. The files of conf.d come after the main one, by name; the last word counts. */
async function requireEarlyHooks(host: Host): Promise<void> {
  const remedy =
    'Have HOOKS set in one place with base and udev instead of systemd, or use the option `method: "udev"`.'
  const names = ((await host.list(FOLDER)).value ?? []).filter((name) => name.endsWith('.conf'))
  const others = names.filter((name) => name !== OWN).sort()
  let last = { path: MAIN, value: '' }
  for (const path of [MAIN, ...others.map((name) => `${FOLDER}/${name}`)]) {
    const text = (await host.readText(path)).value ?? ''
    for (const [, sign, array, double, single, bare] of text.matchAll(HOOKS)) {
      const value = array ?? double ?? single ?? bare ?? ''
      if (sign === '+=') throw unfit(`${path} adds to HOOKS, which Janus does not work out`, remedy, { path, value })
      if (comesAfterOwn(path)) {
        const message = `${path} comes after ${OWN} and sets HOOKS again, so that the hook of Janus would not be taken`
        throw unfit(message, remedy, { path, value })
      }
      last = { path, value }
    }
  }
  if (!/(^|\s)systemd(\s|$)/.test(last.value)) return
  throw unfit(`${last.path} makes systemd the init of the initramfs, which runs no hooks`, remedy, last)
}

/** In which order a shell takes the files depends on the language: in some, capitals come among the small letters. */
function comesAfterOwn(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return path !== MAIN && (name > OWN || name.toLowerCase() > OWN)
}

function unfit(message: string, remedy: string, data: Readonly<Record<string, string>>): Error {
  return janusError('JANUS_HOST_UNFIT', message, { remedy, data })
}
