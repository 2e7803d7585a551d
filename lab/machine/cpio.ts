/** A member of an archive: a file with content, or a folder without. */
export interface CpioEntry {
  readonly name: string
  readonly mode: number
  readonly content?: Buffer
}

/** An archive in the "newc" format, the one the kernel unpacks its initramfs from; all of it owned by root, at time zero. */
export function cpio(entries: readonly CpioEntry[]): Buffer {
  const parts = entries.flatMap((entry, index) => member(entry, index + 1))
  return Buffer.concat([...parts, ...member({ name: 'TRAILER!!!', mode: 0 }, 0)])
}

function member({ name, mode, content = Buffer.alloc(0) }: CpioEntry, inode: number): Buffer[] {
  const type = mode === 0 ? 0 : name.endsWith('/') ? 0o040000 : 0o100000
  const stored = Buffer.from(`${name.replace(/\/$/, '')}\0`)
  const fields = [inode, type | mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, stored.length, 0]
  const header = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`)
  return [header, stored, padding(header.length + stored.length), content, padding(content.length)]
}

function padding(length: number): Buffer {
  return Buffer.alloc((4 - (length % 4)) % 4)
}
