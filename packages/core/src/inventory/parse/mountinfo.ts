/** One mount, as `/proc/<pid>/mountinfo` shows it (proc_pid_mountinfo(5)). */
export interface Mount {
  /** Device number `major:minor`; major 0 for file systems without a device of their own (btrfs, nfs). */
  readonly device: string
  readonly mountPoint: string
  readonly type: string
  readonly source: string
  /** Options of the file system: `addr=10.0.0.1`, `logdev=/dev/sdb1`. */
  readonly options: readonly string[]
}

/** Parses mountinfo; lines that are not mounts are passed over. */
export function parseMountinfo(text: string): Mount[] {
  const mounts: Mount[] = []
  for (const line of text.split('\n')) {
    const [left, right] = splitAtSeparator(line.split(' '))
    const [, , device, , mountPoint] = left
    const [type, source, options = ''] = right
    if (device === undefined || mountPoint === undefined || type === undefined || source === undefined) continue
    if (!/^\d+:\d+$/.test(device)) continue
    mounts.push({
      device,
      mountPoint: unescapeOctal(mountPoint),
      type,
      source: unescapeOctal(source),
      options: options.split(',').map(unescapeOctal),
    })
  }
  return mounts
}

/** Parses the older `/proc/<pid>/mounts`, which does not tell device numbers. */
export function parseMounts(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [source, mountPoint, type, options = ''] = line.split(' ')
    if (source === undefined || mountPoint === undefined || type === undefined) return []
    const plain = options.split(',').map(unescapeOctal)
    return [
      { device: '0:0', mountPoint: unescapeOctal(mountPoint), type, source: unescapeOctal(source), options: plain },
    ]
  })
}

/** Undoes the kernel's escapes of space, tab, newline, backslash and `#` (`\040`), which stand for bytes. */
export function unescapeOctal(text: string): string {
  return text.replace(/\\([0-3][0-7]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}

// Optional fields end at the first lone hyphen after the six fixed ones.
function splitAtSeparator(fields: readonly string[]): readonly [readonly string[], readonly string[]] {
  const separator = fields.indexOf('-', 6)
  return separator < 0 ? [fields, []] : [fields.slice(0, separator), fields.slice(separator + 1)]
}
