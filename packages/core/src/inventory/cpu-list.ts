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
