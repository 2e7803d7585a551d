import type { ArgumentGrammar, ArgumentOption, ArgumentPositional, ArgumentValue } from '../contract/tool.js'

/** A grammar in one line, the way a usage is written: `[-n <integer 0..100>] <pattern> [<path>…]`; subcommands in braces. */
export function describeGrammar({ options, positionals, subcommands }: ArgumentGrammar): string {
  const choices = Object.entries(subcommands ?? {}).map(([name, inner]) => `${name} ${describeGrammar(inner)}`.trim())
  return [
    ...options.map(describeOption),
    ...(choices.length === 0 ? [] : [`{ ${choices.join(' | ')} }`]),
    ...positionals.map(describePositional),
  ].join(' ')
}

/** What an argument may be, in words: `integer 0..100`, `path in the workspace`. */
export function describeValue(value: ArgumentValue): string {
  switch (value.kind) {
    case 'text':
      return 'text'
    case 'integer':
      return value.least === undefined && value.most === undefined
        ? 'integer'
        : `integer ${value.least ?? ''}..${value.most ?? ''}`
    case 'choice':
      return value.of.join('|')
    case 'path':
      return value.below === undefined ? 'path' : `path, also below ${value.below.join(', ')}`
    case 'url':
      return 'url'
    case 'pattern':
      return `/${value.pattern}/`
  }
}

/** An option as a usage has it. */
export function describeOption({ names, value, repeatable, form }: ArgumentOption): string {
  const [shortest = ''] = names
  const name = names.find((each) => each.startsWith('--')) ?? shortest
  const joint = name.startsWith('--') && form !== 'separate' ? '=' : ' '
  const text = value === undefined ? name : `${name}${joint}<${describeValue(value)}>`
  return `[${text}]${repeatable === true ? '…' : ''}`
}

/** A positional as a usage has it. */
export function describePositional({ name, value, optional, repeatable }: ArgumentPositional): string {
  const kind = describeValue(value)
  const text = `<${kind === 'text' || kind === name ? name : `${name}: ${kind}`}>${repeatable === true ? '…' : ''}`
  return optional === true ? `[${text}]` : text
}
