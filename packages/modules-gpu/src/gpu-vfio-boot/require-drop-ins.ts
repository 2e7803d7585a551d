import { type Host, janusError } from '@janus/core'
import type { InitramfsImage } from '@janus/core/boot'
import { oneLine } from '../one-line.js'

const PROGRAM = '/usr/bin/mkinitcpio'
const MAIN = '/etc/mkinitcpio.conf'
const FOLDER = `${MAIN}.d`
const OWN = 'janus-vfio.conf'
/** What is added as a string goes to the first word of a list, which is our hook. */
const SETS_HOOKS = /^\s*HOOKS(?:=|\+=(?!\())/m

/**
 * Makes sure that mkinitcpio takes the hook of Janus, which a file of /etc/mkinitcpio.conf.d names, into these images.
 * @throws JANUS_HOST_UNFIT when it does not read that file for one of them, or another file takes the hook away again
 */
export async function requireDropIns(host: Host, images: readonly InitramfsImage[]): Promise<void> {
  const { value: program } = await host.readText(PROGRAM)
  if (program !== undefined && !program.includes('mkinitcpio.conf.d')) {
    const message = `${PROGRAM} does not read ${FOLDER}, where Janus names its hook`
    throw unfit(message, 'Update mkinitcpio: it reads the folder since version 36.', { path: PROGRAM })
  }
  for (const { path: imagePath, configuration } of images) {
    if (configuration === undefined) continue
    const image = oneLine(imagePath)
    const { path, preset, setBy } = configuration
    const message = `${setBy} of ${preset} names ${oneLine(path)} for ${image}, and mkinitcpio then ignores ${FOLDER}, where Janus names its hook`
    const same = `Comment ${setBy} out: mkinitcpio reads ${MAIN} anyway, and ${FOLDER} with it.`
    const other = `Move what is different in ${oneLine(path)} to ${MAIN} or a file in ${FOLDER}, and comment ${setBy} out.`
    throw unfit(message, path === MAIN ? same : other, { path: preset, image })
  }
  await requireOwnHook(host)
}

/** The files of conf.d come after the main one, by name. One that adds to the list after ours leaves our hook in it. */
async function requireOwnHook(host: Host): Promise<void> {
  const names = ((await host.list(FOLDER)).value ?? []).filter((name) => name.endsWith('.conf') && comesAfterOwn(name))
  for (const path of names.sort().map((name) => `${FOLDER}/${name}`)) {
    if (!SETS_HOOKS.test((await host.readText(path)).value ?? '')) continue
    const message = `${path} comes after ${OWN} and sets HOOKS again, so that the hook of Janus would not be taken`
    throw unfit(message, `Give it a name that comes before ${OWN}.`, { path })
  }
}

/** In which order a shell takes the files depends on the language: in some, capitals come among the small letters. */
function comesAfterOwn(name: string): boolean {
  return name > OWN || name.toLowerCase() > OWN
}

function unfit(message: string, remedy: string, data: Readonly<Record<string, string>>): Error {
  return janusError('JANUS_HOST_UNFIT', message, { remedy, data })
}
