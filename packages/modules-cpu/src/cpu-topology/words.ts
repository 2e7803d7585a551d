const MEBI = 1024

/** CPUs as the kernel lists them (`0-3,8`), with the word before: `CPU 3`, `CPUs 0-3,8`. */
export function cpuWords(list: string): string {
  return `${/[-,]/.test(list) ? 'CPUs' : 'CPU'} ${list}`
}

/** So many of something: `1 core`, `2 cores`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}

/** An amount of memory: `512 MiB`, `1.5 GiB`. */
export function memoryWords(kibibytes: number): string {
  const units = ['KiB', 'MiB', 'GiB', 'TiB']
  let [value, unit] = [kibibytes, 0]
  while (value >= MEBI && unit < units.length - 1) {
    value /= MEBI
    unit += 1
  }
  return `${Number(value.toFixed(value >= 100 ? 0 : 1))} ${units[unit]}`
}
