import { runProgram, tool } from './run-program.js'

const BLOCK = /^```console\n\$ janus ([^\n|]*?)(?: \| head -(\d+))?\n([\s\S]*?)^```$/gm

/** A `console` block of a page: a command of ours and what it printed. */
export interface ConsoleBlock {
  readonly args: readonly string[]
  /** Lines shown, when the command is piped to `head`. */
  readonly lines?: number
  readonly output: string
}

/** The blocks of a page whose first line runs `janus`. */
export function consoleBlocks(markdown: string): readonly ConsoleBlock[] {
  return [...markdown.matchAll(BLOCK)].map(([, words = '', lines, output = '']) => ({
    args: words.split(' '),
    ...(lines === undefined ? {} : { lines: Number(lines) }),
    output,
  }))
}

/** What the command of a block prints now. */
export async function currentOutput({ args, lines }: ConsoleBlock): Promise<string> {
  const { output } = await runProgram(tool('janus'), args, {
    env: { ...process.env, NO_COLOR: '1', LC_ALL: 'C.UTF-8' },
  })
  const shown = output.trimEnd().split('\n').slice(0, lines)
  return `${shown.map((line) => line.trimEnd()).join('\n')}\n`
}

/** The page with the output of every block as it is now. */
export async function withCurrentOutput(markdown: string): Promise<string> {
  let page = markdown
  for (const block of consoleBlocks(markdown)) {
    const pipe = block.lines === undefined ? '' : ` | head -${block.lines}`
    const opening = `\`\`\`console\n$ janus ${block.args.join(' ')}${pipe}\n`
    page = page.replace(`${opening}${block.output}`, () => opening)
    const output = await currentOutput(block)
    page = page.replace(`${opening}\`\`\``, () => `${opening}${output}\`\`\``)
  }
  return page
}

/** The same text for two runs that did the same: without times, digests, and who ran them. */
export function comparable(output: string): string {
  return output
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z by \S+@/g, 'TIME by SOMEBODY@')
    .replace(/\b[0-9a-f]{64}\b/g, 'DIGEST')
    .replace(/\b\d+\.\d+\.\d+ for /g, 'VERSION for ')
}
