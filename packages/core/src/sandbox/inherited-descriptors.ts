import { readdirSync, readFileSync } from 'node:fs'

const O_CLOEXEC = 0o2000000

/**
 * Descriptors that this process inherited and that a program it starts would inherit too. Node closes its own and no
 * others: whoever started us may have left a socket or a key file open.
 * @param from lowest number that counts
 */
export function inheritedDescriptors(from: number): readonly number[] {
  return readdirSync('/proc/self/fd')
    .map(Number)
    .filter((descriptor) => descriptor >= from && passesOn(descriptor))
}

function passesOn(descriptor: number): boolean {
  try {
    const info = readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8')
    const flags = Number.parseInt(/^flags:\s*([0-7]+)$/m.exec(info)?.[1] ?? '0', 8)
    return (flags & O_CLOEXEC) === 0
  } catch {
    // The descriptor that listed the directory is gone again.
    return false
  }
}
