/**
 * Parses a list of processors or nodes as sysfs prints it: `0-3,8`.
 * @returns the numbers in order; undefined when the text is not such a list
 */
export function parseCpuList(text: string): number[] | undefined {
  const trimmed = text.trim()
  if (trimmed === '') return []
  const numbers = new Set<number>()
  for (const part of trimmed.split(',')) {
    const match = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(part)
    if (match === null) return undefined
    const first = Number(match[1])
    const last = Number(match[2] ?? match[1])
    if (last < first || last > 65_535) return undefined
    for (let number = first; number <= last; number++) numbers.add(number)
  }
  return [...numbers].sort((a, b) => a - b)
}

/**
 * A list of processors or nodes as the kernel prints it: ascending, neighbours as ranges (`0-3,8`); empty for none.
 * @param numbers in any order, also repeated
 */
export function formatCpuList(numbers: Iterable<number>): string {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b)
  const ranges: { first: number; last: number }[] = []
  for (const number of sorted) {
    const range = ranges.at(-1)
    if (range !== undefined && range.last === number - 1) range.last = number
    else ranges.push({ first: number, last: number })
  }
  return ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(',')
}

/**
 * A mask of processors as the kernel prints and takes it: hexadecimal digits in groups of 32 bits, `3`, `1,00000000`.
 * Leading zeros are left out, although the kernel pads to the number of processors that it was built or booted for.
 */
export function formatCpuMask(numbers: Iterable<number>): string {
  let mask = 0n
  for (const number of numbers) mask |= 1n << BigInt(number)
  return inGroups(mask.toString(16))
}

/** The processors of a mask as the kernel prints it; undefined when the text is not such a mask. */
export function parseCpuMask(text: string): number[] | undefined {
  const groups = text.trim().split(',')
  if (groups.some((group) => !/^[0-9a-f]{1,8}$/i.test(group)) || groups.length > MOST_GROUPS) return undefined
  const numbers: number[] = []
  for (const [index, group] of groups.reverse().entries()) {
    const bits = Number.parseInt(group, 16)
    for (let bit = 0; bit < GROUP_BITS; bit++) if ((bits >>> bit) & 1) numbers.push(index * GROUP_BITS + bit)
  }
  return numbers
}

const GROUP_BITS = 32
const MOST_GROUPS = 2048

function inGroups(digits: string): string {
  const first = digits.length % 8
  const groups = digits.slice(first).match(/.{8}/g) ?? []
  return [...(first === 0 ? [] : [digits.slice(0, first)]), ...groups].join(',')
}
