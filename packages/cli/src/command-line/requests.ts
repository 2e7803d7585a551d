/** True when the arguments ask for the version, wherever the flag stands. */
export function isVersionRequest(argv: readonly string[]): boolean {
  return has(argv, '--version') || has(argv, '-v')
}

/** True when the arguments ask for JSON; also right for a command line that cannot be parsed. */
export function isJsonRequest(argv: readonly string[]): boolean {
  return has(argv, '--json')
}

/** What `--color` and `--no-color` ask for, the last one winning; undefined when neither is there. */
export function colorRequest(argv: readonly string[]): boolean | undefined {
  const last = beforeSeparator(argv).findLast((argument) => argument === '--color' || argument === '--no-color')
  return last === undefined ? undefined : last === '--color'
}

/** True when the arguments ask for nothing: there are none, or only such as say how it is to look. */
export function isBareRequest(argv: readonly string[]): boolean {
  return argv.every((argument) => argument === '--color' || argument === '--no-color')
}

function has(argv: readonly string[], flag: string): boolean {
  return beforeSeparator(argv).includes(flag)
}

function beforeSeparator(argv: readonly string[]): readonly string[] {
  const separator = argv.indexOf('--')
  return separator === -1 ? argv : argv.slice(0, separator)
}
