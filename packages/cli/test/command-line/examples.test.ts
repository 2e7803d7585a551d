import { cpuHugepages } from '@janus/modules-cpu'
import { gpuVfio } from '@janus/modules-gpu'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { COMMANDS } from '../../src/command-line/command-table.js'
import { parseArguments } from '../../src/command-line/parse-arguments.js'
import { readAssignments } from '../../src/module-options.js'

const MODULES = [cpuHugepages, gpuVfio]
const examples = COMMANDS.flatMap(({ name, examples = [] }) => examples.map(({ command }) => [command, name] as const))

/** The words behind `janus`, as a shell hands them over. */
function argumentsOf(command: string): readonly string[] {
  return command
    .replace(/^(sudo )?janus /, '')
    .replace(/ > \S+$/, '')
    .split(' ')
}

describe('the examples of the help', () => {
  test.each(examples)('%s is a command line that is understood', (command, name) => {
    const request = parseArguments(argumentsOf(command))
    expect(request).toMatchObject({ kind: 'run', spec: { name } })
  })

  test('give modules options that they take', () => {
    const asked = examples.flatMap(([command, name]) => {
      const request = parseArguments(argumentsOf(command))
      const { option = [], device } = (request.kind === 'run' ? request.options : {}) as {
        option?: readonly string[]
        device?: readonly string[]
      }
      if (option.length === 0 && device === undefined) return []
      const id = name === 'bind' ? 'gpu-vfio' : request.kind === 'run' ? request.args[0] : undefined
      const module = MODULES.find(({ metadata }) => metadata.id === id)
      if (module === undefined) throw new Error(`${command}: no module ${id}`)
      const schema = z.toJSONSchema(module.options, { io: 'input', unrepresentable: 'any' })
      const given = { ...readAssignments(option, schema), ...(device === undefined ? {} : { devices: device }) }
      expect(module.options.safeParse(given), command).toMatchObject({ success: true })
      return [id]
    })
    expect(new Set(asked)).toEqual(new Set(['cpu-hugepages', 'gpu-vfio']))
  })
})
