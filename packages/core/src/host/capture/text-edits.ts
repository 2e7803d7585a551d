import { moduleOfFile } from '../../inventory/module-name.js'

/** What is kept of a captured text. */
export type TextEdit = (text: string) => string

/** Properties of a block device that say what is on it. Its serial numbers and links are not among them. */
const UDEV_PROPERTIES =
  /^E:(?:ID_FS_(?:TYPE|USAGE|UUID|UUID_ENC|LABEL|LABEL_ENC)|ID_PART_TABLE_TYPE|ID_PART_ENTRY_(?:TYPE|UUID|NAME|SCHEME)|DM_NAME)=/

/**
 * Files of which only a part is captured: what the checks need, not what else the machine is or does.
 * @param path real path of the file
 */
export function textEditFor(path: string): TextEdit {
  return EDITS.find(([pattern]) => pattern.test(path))?.[1] ?? ((text) => text)
}

const EDITS: readonly (readonly [RegExp, TextEdit])[] = [
  [/^\/run\/udev\/data\//, (text) => keepLines(text, (line) => UDEV_PROPERTIES.test(line))],
  [
    /^\/proc\/net\/tcp6?$/,
    (text) => keepLines(text, (line, index) => index === 0 || line.trim().split(/\s+/)[3] === '01'),
  ],
  [/^\/etc\/ssh\//, (text) => keepLines(text, (line) => /^\s*Port[\s=]/i.test(line))],
  [
    /\/sysctl\.(?:conf|d\/(?!janus-hugepages\.conf$).*)$/,
    (text) => keepLines(text, (line) => /^\s*(?:-\s*)?vm[./]nr_hugepages\s*=/.test(line)),
  ],
  [/^\/proc\/driver\/nvidia\//, (text) => keepLines(text, (line) => line.startsWith('Device Minor:'))],
  [/\/bin\/mkinitcpio$/, (text) => keepLines(text, (line) => line.includes('mkinitcpio.conf.d'))],
  [/\/modules\.alias$/, (text) => keepLines(text, (line) => line.startsWith('alias vfio_pci:'))],
  [/\/modules\.dep$/, moduleFileNames],
  [/^\/proc\/cpuinfo$/, withoutRepeatedFlags],
]

function keepLines(text: string, keep: (line: string, index: number) => boolean): string {
  const kept = text.split('\n').filter(keep)
  return kept.length === 0 ? '' : `${kept.join('\n')}\n`
}

// Which modules there are, not where they lie and what they need: a tenth of the size.
function moduleFileNames(text: string): string {
  const files = text.split('\n').map((line) => line.split(':', 1)[0] ?? '')
  const names = files
    .filter((file) => moduleOfFile(file) !== undefined)
    .map((file) => file.slice(file.lastIndexOf('/') + 1))
  return names.map((name) => `${name}:\n`).join('')
}

function withoutRepeatedFlags(text: string): string {
  const [first, ...others] = text.split('\n\n')
  const shortened = others.map((block) =>
    block
      .split('\n')
      .filter((line) => !/^(?:flags|vmx flags|bugs|Features)\s*:/.test(line))
      .join('\n'),
  )
  return [first, ...shortened].join('\n\n')
}
