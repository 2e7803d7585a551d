import type { Host } from '../../contract/host.js'
import { janusError } from '../../errors/janus-error.js'
import type { Images } from './initramfs-images.js'
import type { InitramfsImage, NamedConfiguration } from './initramfs-tool.js'

const PRESETS = '/etc/mkinitcpio.d'

/** What a preset assigns: by name, the words of the value. */
type Assignments = ReadonlyMap<string, readonly string[]>

/**
 * The images that the presets of mkinitcpio make and that are there (mkinitcpio(8), "About presets"). Of what a file assigns
 * only that counts which belongs to a name in its `PRESETS`, as in `process_preset` of mkinitcpio.
 * @param release of the running kernel
 * @throws JANUS_HOST_UNFIT when a preset makes a unified kernel image, which Janus does not take apart
 */
export async function readPresets(host: Host, release: string | undefined): Promise<Images> {
  const base = (await host.readText(`/lib/modules/${release ?? ''}/pkgbase`)).value?.trim()
  const all: InitramfsImage[] = []
  for (const file of (await host.list(PRESETS)).value ?? []) {
    const kernel = /^([A-Za-z0-9][A-Za-z0-9._+-]*)\.preset$/.exec(file)?.[1]
    if (kernel === undefined) continue
    const path = `${PRESETS}/${file}`
    const assignments = assignmentsOf((await host.readText(path)).value ?? '')
    for (const name of namesOf(assignments)) {
      if (has(assignments, `${name}_uki`) || has(assignments, `${name}_efi_image`)) throw unifiedImage(path)
      const image = assignments.get(`${name}_image`)?.join(' ') ?? ''
      if (!/^\/\S+$/.test(image) || !(await host.exists(image))) continue
      const configuration = configurationOf(assignments, name, path)
      all.push({ path: image, kernel, ...(configuration === undefined ? {} : { configuration }) })
    }
  }
  return { running: all.filter(({ kernel }) => kernel === base), all }
}

/** Assignments as people write them there, one a line: a later one counts, what is commented out does not. */
function assignmentsOf(text: string): Assignments {
  const found = text.matchAll(/^\s*(\w+)=(?:\(([^)]*)\)|"([^"\n]*)"|'([^'\n]*)'|([^\s#;()]*))/gm)
  return new Map(
    [...found].map(([, name = '', array, double, single, bare]) => {
      const words = (array ?? double ?? single ?? bare ?? '').split(/\s+/).filter((word) => word !== '')
      return [name, array === undefined ? words : words.map((word) => word.replaceAll(/["']/g, ''))]
    }),
  )
}

/** The names of `PRESETS`; of a file that computes them, all that have an image. */
function namesOf(assignments: Assignments): readonly string[] {
  const images = [...assignments.keys()].flatMap((key) => /^(\w+?)(?:_efi)?_(?:image|uki)$/.exec(key)?.[1] ?? [])
  return assignments.get('PRESETS') ?? [...new Set(images)]
}

function has(assignments: Assignments, name: string): boolean {
  return (assignments.get(name) ?? []).length > 0
}

/** What mkinitcpio is given with `-c`: the last one counts, and the options come last. */
function configurationOf(assignments: Assignments, name: string, preset: string): NamedConfiguration | undefined {
  const options = assignments.get(`${name}_options`) ?? []
  for (const [index, option] of options.entries()) {
    const [, joined] = /^(?:--config=|-c(?=.))(.+)$/.exec(option) ?? []
    const path = joined ?? (option === '-c' || option === '--config' ? (options[index + 1] ?? '') : undefined)
    if (path !== undefined) return { path, preset, setBy: `${name}_options` }
  }
  const setBy = [`${name}_config`, 'ALL_config'].find((key) => has(assignments, key))
  return setBy === undefined ? undefined : { path: assignments.get(setBy)?.join(' ') ?? '', preset, setBy }
}

function unifiedImage(path: string): Error {
  const message = `${path} makes a unified kernel image, which Janus cannot read back`
  return janusError('JANUS_HOST_UNFIT', message, {
    remedy:
      'Let the preset make an image of its own. The option `method: "udev"` binds only a device whose driver is not in that image, and the hook `kms` puts those of graphics cards into it.',
    data: { path },
  })
}
