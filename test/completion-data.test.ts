import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { listCommands, listCompletions } from '../packages/core/src/commands.js'
import { usage } from '../packages/create-module/src/arguments.js'
import { USAGE as USAGE_OF_TOPOLOGY } from '../packages/modules-cpu/src/topology-command/arguments.js'
import { USAGE as USAGE_OF_REPORT } from '../packages/report/src/report-command/arguments.js'
import { completionData } from '../scripts/completion-data.js'
import { repository } from '../scripts/workspace.js'

const data = completionData()
const program = { packageJson: join(repository, 'packages/cli/package.json'), env: { HOME: '/nowhere' } }

describe('what a shell completes of our packages', () => {
  test.each(Object.keys(data))('%s: is what `npm run docs:completion` writes', async (folder) => {
    const text = await readFile(join(repository, 'packages', folder, 'completion.json'), 'utf8')
    expect(JSON.parse(text)).toEqual(JSON.parse(data[folder] ?? ''))
  })

  test('is all read: nothing in it is passed over as malformed', () => {
    const [commands, modules] = [listCompletions(program), Object.values(data).map((text) => JSON.parse(text))].map(
      (all) => all.map(({ commands = [], modules = {} }) => ({ commands: commands.length, modules })),
    )
    expect(commands).toEqual(expect.arrayContaining(modules ?? []))
  })

  test('is there for every command that they add', () => {
    const described = listCompletions(program).flatMap(({ commands }) => commands.map(({ words }) => words))
    for (const { name } of listCommands(program))
      expect(
        described.filter((words) => words === name || words.startsWith(`${name} `)),
        name,
      ).not.toEqual([])
  })

  test.each([
    ['create-module', usage('janus module create')],
    ['modules-cpu', USAGE_OF_TOPOLOGY],
    ['report', USAGE_OF_REPORT],
  ])('%s: of a command that has only a text for help, the options in that text', (folder, text) => {
    const { commands } = JSON.parse(data[folder] ?? '') as { commands: [{ options: { flags: string }[] }] }
    const own = commands[0].options.map(({ flags }) => flags.split(' ')[0])
    const told = [...new Set(text.match(/(?<=^ +)--[a-z-]+/gm))].filter((flag) => !['--help', '--json'].includes(flag))
    expect(own).toEqual(told)
  })
})
