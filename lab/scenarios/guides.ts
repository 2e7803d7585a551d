import { readFile } from 'node:fs/promises'
import { comparable } from '../../scripts/console-blocks.js'
import { missingPart } from '../../scripts/fenced-blocks.js'
import { stepsOf } from '../../scripts/guides/guide-steps.js'
import { reportedValue } from '../machine/record.js'
import { defineScenario } from '../scenario.js'

/** Pages that need no reboot and no crash: those have scenarios of their own (`vfio-boot`, `crash`). */
const PAGES = ['README.md', 'docs/first-hour.md']
/** What a slow machine says while it waits. */
const PROGRESS = /^ {4}(?:running|undoing) for \d+ s: .*\n/gm
/** The machine in memory says what it is; the real one says its name. */
const OF_THE_MODEL = /^Plan of .* for kernel model$/gm

export default defineScenario({
  summary:
    'the commands of the README and of the first hour, as root, on a real kernel: what the pages show is printed',
  async run({ boot, check, guestProgram }) {
    const pages = await Promise.all(PAGES.map((page) => readFile(new URL(`../../${page}`, import.meta.url), 'utf8')))
    const steps = pages.flatMap((text, at) =>
      stepsOf(text).flatMap(({ step, shown }) =>
        step.kind === 'command' ? [{ page: PAGES[at], command: step.command, shown }] : [],
      ),
    )
    const commands = steps.map(({ command }) => command)
    const { results } = await boot({
      program: guestProgram('guides'),
      args: [JSON.stringify(commands)],
      timeoutSeconds: 3_000,
    })
    const answers = (reportedValue(results, 'answers') ?? []) as readonly string[]
    check('every command was run', answers.length === steps.length, answers.length)
    for (const [at, { page, command, shown }] of steps.entries()) {
      const missing = missingPart(normal(answers[at] ?? ''), normal(shown.replace(OF_THE_MODEL, '…')))
      check(`${page}: ${command} prints what is shown`, missing === undefined, { missing, printed: answers[at] })
    }
  },
})

function normal(output: string): string {
  return comparable(output.replace(PROGRESS, '')).replace(/\b\d{8}-\d{6}-[0-9a-f]{6}\b/g, 'TRANSACTION')
}
