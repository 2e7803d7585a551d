import type { MaskContext } from './mask.js'

/** Masks labels and UUIDs in what udev knows about a block device. The type of a partition is not private. */
export function maskUdev(text: string, context: MaskContext): string {
  return text.replace(/^E:([A-Z_]+)=(.*)$/gm, (line, key: string, value: string) => {
    if (key.includes('UUID')) return `E:${key}=${context.tokens.uuid(value)}`
    if (key.includes('LABEL') || key === 'ID_PART_ENTRY_NAME') return `E:${key}=${maskLabel(value, context)}`
    return key === 'DM_NAME' ? `E:${key}=${context.tokens.token('volume', value)}` : line
  })
}

/** Masks sources, servers, users and options of fstab(5). */
export function maskFstab(text: string, context: MaskContext): string {
  return mapLines(text, (line) => {
    const [, indent = '', source = '', rest = ''] = /^(\s*)(\S+)(.*)$/.exec(line) ?? []
    if (source.startsWith('#')) return '#'
    return `${indent}${maskSource(source, context)}${maskOptions(rest, context)}`
  })
}

/** Masks names and sources of crypttab(5). */
export function maskCrypttab(text: string, context: MaskContext): string {
  return mapLines(text, (line) => {
    const [, name = '', gap = '', source = '', rest = ''] = /^(\S+)(\s+)(\S+)(.*)$/.exec(line) ?? []
    if (name === '' || name.startsWith('#')) return '#'
    return `${context.tokens.token('volume', name)}${gap}${maskSource(source, context)}${maskOptions(rest, context)}`
  })
}

/** Masks sources, servers, users and options of mountinfo. */
export function maskMountinfo(text: string, context: MaskContext): string {
  return mapLines(text, (line) => {
    const [, left = '', type = '', source = '', rest = ''] = /^(.*) - (\S+) (\S+)(.*)$/.exec(line) ?? []
    if (type === '') return ''
    return `${context.common(left)} - ${type} ${maskSource(source, context)}${maskOptions(rest, context)}`
  })
}

/** Masks UUIDs, labels, addresses and secrets of a kernel command line. */
export function maskCommandLine(text: string, context: MaskContext): string {
  const masked = text.replace(
    /\b(UUID|PARTUUID|LABEL|PARTLABEL)=([^\s"]+)/g,
    (_, tag: string, value: string) => `${tag}=${maskTag(tag, value, context)}`,
  )
  const words = masked.replace(/\/dev\/[^\s"]+/g, (path) => maskSource(path, context))
  return maskOptions(words, context)
}

/** Masks what a file system or volume is made from: a tag, a device, a share of a server. */
function maskSource(source: string, context: MaskContext): string {
  const { tokens, common, addresses } = context
  const [, tag, quote = '', value] = /^(UUID|PARTUUID|LABEL|PARTLABEL)=("?)([^"]*)"?$/.exec(source) ?? []
  if (tag !== undefined && value !== undefined) return `${tag}=${quote}${maskTag(tag, value, context)}${quote}`
  const [, directory, name] = /^\/dev\/disk\/by-(uuid|partuuid|label|partlabel|id)\/(.+)$/.exec(source) ?? []
  if (directory !== undefined && name !== undefined)
    return `/dev/disk/by-${directory}/${maskTag(directory.toUpperCase(), name, context)}`
  const mapped = /^\/dev\/mapper\/(.+)$/.exec(source)?.[1]
  if (mapped !== undefined && mapped !== 'control') return `/dev/mapper/${tokens.token('volume', mapped)}`
  const volume = /^\/dev\/([^/]+)\/([^/]+)$/.exec(source)
  if (volume !== null) {
    const joined = volume
      .slice(1)
      .map((part) => part.replaceAll('-', '--'))
      .join('-')
    const known = tokens.known('volume', joined)
    if (known !== undefined) return `/dev/mapper/${known}`
  }
  const [, server, share] = /^(?:\/\/)?([^/:\s][^/:\s]*):?(\/.+)$/.exec(source.startsWith('/dev/') ? '' : source) ?? []
  if (server === undefined || share === undefined || /^\/[^/]/.test(source)) return common(source)
  const masked = addresses.written(server)
  const host = masked === server ? tokens.token('server', server) : masked
  return source.startsWith('//')
    ? `//${host}/${tokens.token('share', share)}`
    : `${host}:/${tokens.token('share', share)}`
}

function maskTag(tag: string, value: string, context: MaskContext): string {
  if (tag === 'ID') return context.tokens.token('disk', value)
  return tag.endsWith('UUID') ? context.tokens.uuid(value) : maskLabel(value, context)
}

// fstab escapes a space as \040, udev as \x20.
function maskLabel(value: string, { tokens }: MaskContext): string {
  const plain = value
    .replace(/\\x([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
    .replace(/\\([0-3][0-7]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
  return tokens.token('label', plain)
}

const SECRET =
  /\b([\w.-]*(?:pass|password|secret|token|username|user|credentials|domain|initiator|key)[\w.-]*)=([^\s,"]+)/gi
const WRITTEN_ADDRESS =
  /(^|[=\s,:[])(\d{1,3}(?:\.\d{1,3}){3}|(?=[0-9a-f:]*::?)[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})(?=$|[\s,:/\]])/gi

// Folders of an overlay lie outside of what is mounted: a container's id, somebody's project.
const LAYERS = /\b(lowerdir|upperdir|workdir|datadir)(\+?)=([^\s,"]+)/g

function maskOptions(text: string, { common, addresses, tokens }: MaskContext): string {
  return common(text)
    .replace(LAYERS, (_, name: string, more: string, path: string) => `${name}${more}=${tokens.token('layer', path)}`)
    .replace(SECRET, (_, name: string) => `${name}=masked`)
    .replace(WRITTEN_ADDRESS, (_, edge: string, address: string) => `${edge}${addresses.written(address)}`)
}

function mapLines(text: string, edit: (line: string) => string): string {
  return text
    .split('\n')
    .map((line) => (line.trim() === '' ? '' : edit(line)))
    .join('\n')
}
