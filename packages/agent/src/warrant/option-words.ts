import type { ToolAction } from '../contract/action.js'

/**
 * Named arguments as the words that are run, in the order of their names: `--name=value`, `--name` alone for true, nothing for false and null. One place says so for
 * what is judged and for what is run.
 */
export function optionWords(kwargs: ToolAction['kwargs']): readonly string[] {
  return Object.entries(kwargs)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, value]) => {
      if (value === false || value === null) return []
      return value === true ? [`--${name}`] : [`--${name}=${String(value)}`]
    })
}
