import type { ChildProcess } from 'node:child_process'
import { readdirSync } from 'node:fs'
import type { Inventory } from '@janus/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Script } from './fixtures/core/index.js'
import * as reports from './fixtures/reports.js'
import { type BuiltCommand, buildCommand } from './harness/built-command.js'
import { documentOf, type Ended, runCommand, runOnTerminal } from './harness/run-command.js'

const [card, audio] = reports.inventory.devices
if (card === undefined || audio === undefined) throw new Error('the fixture has two devices')
const nic = {
  ...audio,
  address: '0000:04:00.0' as typeof card.address,
  className: 'Ethernet controller',
  iommuGroup: '15',
}
const disk = {
  ...card,
  address: '0000:05:00.0' as typeof card.address,
  className: 'NVMe controller',
  iommuGroup: '16',
  isDisplay: false,
}
/** A card with its audio function, a network controller, and a disk in use, under a hostile name. */
const inventory: Inventory = {
  ...reports.inventory,
  groups: [
    { id: '14', members: [card.address, audio.address] },
    { id: '15', members: [nic.address] },
    { id: '16', members: [disk.address] },
  ],
  devices: [{ ...card, className: reports.HOSTILE, uses: [] }, audio, nic, disk],
}
const answers = { check: reports.checkReport, inventory, plan: reports.plan, history: reports.history }
const siblings = {
  code: 'JANUS_DEVICE_REFUSED',
  message: 'it shares its group',
  data: { refusals: [{ remedy: 'Take it along.', option: `includeSiblings: ["${audio.address}"]` }] },
  times: 1,
} as const
const refusal = {
  code: 'JANUS_DEVICE_REFUSED',
  message: 'vfio-pci is not there',
  data: { refusals: [{ remedy: 'Install it.' }] },
  times: 1,
} as const
const whole: Script = { answers, errors: { plan: siblings } }

const ENTER = '\r'
const DOWN = '\u001b[B'
const ESCAPE = '\u001b'
const CTRL_C = '\u0003'
const CTRL_D = '\u0004'

const LIST = 'Escape leaves.'
const SIBLING = 'Take it from its driver too? [y/N]'
const LOSS = 'Accept display-sessions? [y/N]'
const APPLY = 'Apply plan d1d1d1d1d1d1 (2 steps)? [y/N]'

type Turns = readonly (readonly [seen: string, typed: string])[]
const TO_THE_END: Turns = [
  [LIST, ENTER],
  [SIBLING, 'y\n'],
  [LOSS, 'y\n'],
  [APPLY, 'y\n'],
]

let command: BuiltCommand
beforeAll(async () => {
  command = await buildCommand()
})
afterAll(async () => await command.remove())

describe('janus on a terminal', () => {
  test('goes from the check over a device and its plan to the apply, and says how to take it back', async () => {
    const ended = await follow(TO_THE_END, { script: whole, as: 'root' })
    expect(ended.exitCode).toBe(0)
    inOrder(ended.stdout, [
      'critical gpu-iommu: No IOMMU is in effect',
      '→ Enable it in the firmware.',
      'Group 14: free; its 2 functions go together',
      'Group 16: in use by the host',
      'Which device is to be given away?',
      `> ${card.address}`,
      `14, with ${audio.address}`,
      'Plan of gpu-vfio',
      'programs that draw on the card lose it',
      APPLY,
      'Applied',
      'undo it with janus rollback t-1',
      'sudo janus status',
    ])
    expect(callsOf(ended, 'plan')).toEqual([
      { module: 'gpu-vfio', options: { devices: [card.address] } },
      { module: 'gpu-vfio', options: { devices: [card.address], includeSiblings: [audio.address] } },
    ])
    expect(callsOf(ended, 'apply')).toEqual([{ digest: reports.plan.digest, accept: ['display-sessions'] }])
  })

  test('gives whoever is not root the command to run', async () => {
    const ended = await follow(TO_THE_END.slice(0, 3), { script: whole, as: 'nobody' })
    expect(ended.exitCode).toBe(0)
    expect(ended.stdout).toContain(
      `sudo janus bind --device ${card.address} -o includeSiblings=${audio.address} --accept display-sessions --apply`,
    )
    expectNothingDone(ended)
  })

  test('what cannot be taken is in the picture with its reason, and not among the choices', async () => {
    const ended = await follow([[LIST, ESCAPE]], { script: whole })
    const [picture = '', choices = ''] = ended.stdout.split('Which device')
    expect(picture).toContain(disk.address)
    expect(picture).toContain('in use: held open by evil')
    expect(choices).toContain(nic.address)
    expect(choices).not.toContain(disk.address)
  })

  test('the arrow keys choose another one', async () => {
    const ended = await follow(
      [
        [LIST, DOWN],
        ['> 0000:03:00.1', DOWN],
        ['> 0000:04:00.0', ENTER],
        [LOSS, 'n\n'],
      ],
      {
        script: { answers },
      },
    )
    expect(callsOf(ended, 'plan')).toEqual([{ module: 'gpu-vfio', options: { devices: [nic.address] } }])
  })

  test('a refusal is shown with its way out, and another device can be chosen', async () => {
    const ended = await follow(
      [
        [LIST, ENTER],
        ['→ Install it.', ''],
        [LIST, ESCAPE],
      ],
      {
        script: { answers, errors: { plan: refusal } },
      },
    )
    expect(ended.exitCode).toBe(0)
    inOrder(ended.stdout, ['vfio-pci is not there', 'Install it.', 'Which device', 'Nothing was done.'])
    expectNothingDone(ended)
  })

  test('says so when nothing can be chosen', async () => {
    const ended = await follow([], { script: { answers: { ...answers, inventory: reports.inventory } } })
    expect(ended.exitCode).toBe(0)
    expect(ended.stdout).toContain('No group is free')
  })

  test('nothing of a device or a finding is obeyed by the terminal', async () => {
    const { stdout } = await follow(TO_THE_END.slice(0, 3), { script: whole, as: 'nobody' })
    expect(stdout).toContain('evil')
    for (const obeyed of ['\u001b[2J', '\u001b]0', '\u009b', '\u202e']) expect(stdout).not.toContain(obeyed)
  })
})

describe('no yes is given by accident', () => {
  test.each([
    ['to a function that has to go along', TO_THE_END.slice(0, 1), SIBLING],
    ['to a loss', TO_THE_END.slice(0, 2), LOSS],
    ['to the plan', TO_THE_END.slice(0, 3), APPLY],
  ])('%s: Enter is a no', async (_, turns, question) => {
    const leaving: Turns =
      question === SIBLING
        ? [
            ['stays.', ''],
            [LIST, ESCAPE],
          ]
        : []
    const ended = await follow([...turns, [question, '\n'], ...leaving], { script: whole, as: 'root' })
    expect(ended.exitCode).toBe(question === SIBLING ? 0 : 1)
    expectNothingDone(ended)
  })

  test('whoever declines the plan is told how to have it later', async () => {
    const ended = await follow([...TO_THE_END.slice(0, 3), [APPLY, 'n\n']], { script: whole, as: 'root' })
    expect(ended.stdout).toContain('JANUS_DECLINED')
    expect(ended.stdout).toMatch(/When you want it: sudo janus bind --device .* --apply/)
  })

  test('what cannot be started is not asked for', async () => {
    const preflight = { code: 'JANUS_STATE_LOCKED', message: 'another Janus is at work' } as const
    const script = { ...whole, errors: { ...whole.errors, preflight } }
    const ended = await follow(TO_THE_END.slice(0, 3), { script, as: 'root' })
    expect(ended.exitCode).toBe(5)
    expect(ended.stdout).not.toContain(APPLY)
    expectNothingDone(ended)
  })
})

describe('leaving', () => {
  test.each([
    ['at the list', [], LIST],
    ['at a function that has to go along', TO_THE_END.slice(0, 1), SIBLING],
    ['at a loss', TO_THE_END.slice(0, 2), LOSS],
    ['at the plan', TO_THE_END.slice(0, 3), APPLY],
  ] as const)('Ctrl-C %s ends with 130 and leaves the machine alone', async (_, turns, question) => {
    const ended = await follow([...turns, [question, CTRL_C]], { script: whole, as: 'root' })
    expect(ended.exitCode).toBe(130)
    expect(ended.stdout).toContain('JANUS_ABORTED')
    expectNothingDone(ended)
  })

  test.each([
    ['Escape', ESCAPE],
    ['the end of the input', CTRL_D],
    ['the last item', `\u001b[A${ENTER}`],
  ])('%s leaves the list, and nothing was done', async (_, keys) => {
    const ended = await follow([[LIST, keys]], { script: whole })
    expect(ended.exitCode).toBe(0)
    expect(ended.stdout).toContain('Nothing was done.')
    expectNothingDone(ended)
  })
})

test('a terminal that does not know its size is taken for one of 80 columns and 24 rows', async () => {
  const ended = await follow(
    [
      ['more lines', 'q\n'],
      [LIST, ESCAPE],
    ],
    { script: whole, size: { columns: 0, rows: 0 } },
  )
  expect(ended.exitCode).toBe(0)
  for (const line of ended.stdout.split('\r\n')) expect(line.length, line).toBeLessThan(100)
})

describe('a small terminal', () => {
  test('is given a long text page by page, and q leaves out the rest', async () => {
    const size = { columns: 80, rows: 12 }
    const paged = await follow(
      [
        ['more lines', '\n'],
        ['more lines', 'q\n'],
        [LIST, ESCAPE],
      ],
      { script: whole, size },
    )
    expect(paged.stdout.match(/-- \d+ more lines/g)).toHaveLength(2)
    expect(paged.exitCode).toBe(0)
    const interrupted = await follow([['more lines', CTRL_C]], { script: whole, size })
    expect(interrupted.exitCode).toBe(130)
  })

  test('whose input ends while a page is read is left alone, and nothing was done', async () => {
    const ended = await follow([['more lines', CTRL_D]], { script: whole, size: { columns: 80, rows: 12 } })
    expect(ended.exitCode).toBe(0)
    expect(ended.stdout).toContain('Nothing was done.')
    expect(ended.stdout).not.toContain('Which device')
    expectNothingDone(ended)
  })

  test('whose input ends at a question is not asked another one', async () => {
    const ended = await follow([...TO_THE_END.slice(0, 1), [SIBLING, CTRL_D]], { script: whole, as: 'root' })
    expect(ended.exitCode).toBe(0)
    expect(ended.stdout).toContain('Nothing was done.')
    expectNothingDone(ended)
  })

  test('says how much of the list lies outside of it', async () => {
    const size = { columns: 80, rows: 8 }
    const { stdout } = await follow(
      [
        ['more lines', 'q\n'],
        [LIST, ESCAPE],
      ],
      { script: whole, size },
    )
    expect(stdout).toMatch(/\d more below/)
  })
})

describe('where nobody can be asked', () => {
  test('in a pipe it is help, and a mistake', async () => {
    const ended = await runCommand(command, [])
    expect(ended.exitCode).toBe(1)
    expect(ended.stdout).toMatch(/^Janus changes Linux machines in the open[\s\S]*\nCommands:\n/)
    expect(ended.stderr).toContain('no command was given')
    expect(ended.calls).toEqual([])
  })

  test.each([
    ['on a machine that builds', { CI: 'true' }, { columns: 80, rows: 24 }],
    ['on a dumb terminal', { TERM: 'dumb' }, { columns: 80, rows: 24 }],
  ] as const)('%s too', async (_, env, size) => {
    const ended = await runOnTerminal(command, [], { env, size })
    expect(ended.exitCode).toBe(1)
    expect(ended.stdout).toContain('Usage: janus <command> [options]')
    expect(ended.calls).toEqual([])
  })

  test('--json is one document', async () => {
    const ended = await runOnTerminal(command, ['--json'], { size: { columns: 80, rows: 24 } })
    expect(ended.exitCode).toBe(1)
    expect(documentOf(ended).diagnostics.map(({ code }) => code)).toEqual(['JANUS_USAGE'])
  })
})

/** Types each text once what it waits for has appeared, after what the one before waited for. */
async function follow(
  turns: Turns,
  settings: Pick<Parameters<typeof runOnTerminal>[2] & object, 'script' | 'size' | 'as'>,
): Promise<Ended> {
  const left = [...turns]
  let seen = 0
  const onOutput = (child: ChildProcess, written: string): void => {
    for (let [turn] = left; turn !== undefined; [turn] = left) {
      const at = written.indexOf(turn[0], seen)
      if (at === -1) return
      seen = at + turn[0].length
      left.shift()
      child.stdin?.write(turn[1])
    }
  }
  const env = { NO_COLOR: '1' }
  const ended = await runOnTerminal(command, [], { size: { columns: 100, rows: 60 }, env, ...settings, onOutput })
  expect(left, ended.stdout).toEqual([])
  return ended
}

function inOrder(written: string, parts: readonly string[]): void {
  let from = 0
  for (const part of parts) {
    const at = written.indexOf(part, from)
    expect(at, `${part}\n${written.slice(from)}`).toBeGreaterThan(-1)
    from = at + part.length
  }
}

function callsOf({ calls }: Ended, method: string): readonly unknown[] {
  return calls.filter((call) => call.method === method).map(({ argument }) => argument)
}

function expectNothingDone(ended: Ended): void {
  expect(callsOf(ended, 'apply')).toEqual([])
  expect(readdirSync(ended.home)).toEqual([])
}
