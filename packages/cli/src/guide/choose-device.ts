import { type Inventory, type InventoryDevice, type JudgedGroup, janusError, judgeGroups } from '@janus/core'
import type { CommandContext } from '../command.js'
import { renderAnswer, renderOpenList } from '../render/choice-list.js'
import { renderFunction, renderUse } from '../render/inventory-tree.js'
import { type Fragment, lines, text } from '../render/markup.js'
import type { Palette } from '../render/palette.js'

const CTRL_C = '\u0003'
const CTRL_D = '\u0004'
const QUESTION = 'Which device is to be given away?'

/** A function that can be chosen. */
export interface DeviceChoice {
  readonly device: InventoryDevice
  readonly group: JudgedGroup
}

/** What can be chosen: the functions of free groups, displays first. */
export function choicesIn(inventory: Inventory): readonly DeviceChoice[] {
  const choices = judgeGroups(inventory)
    .filter(({ verdict }) => verdict === 'free')
    .flatMap((group) => group.functions.map((device) => ({ device, group })))
  return [...choices.filter(({ device }) => device.isDisplay), ...choices.filter(({ device }) => !device.isDisplay)]
}

/**
 * Lets a person choose a device with the arrow keys.
 * @returns its address; undefined when none is wanted
 */
export async function chooseDevice(context: CommandContext, inventory: Inventory): Promise<string | undefined> {
  const { palette, signal } = context
  // Who has closed the input has left.
  if (process.stdin.readableEnded) return undefined
  const choices = choicesIn(inventory)
  const items = [...choices.map((choice) => renderChoice(palette, choice)), text`none of them: leave`]
  const options = [...choices.map(({ device }) => ({ value: device.address })), { value: undefined }]
  let interrupted = false
  const leaving = new AbortController()
  // The library that asks is read when somebody is asked.
  const { isCancel, SelectPrompt } = await import('@clack/core')
  const answer = await context.asking(async () => {
    const prompt = new SelectPrompt<{ value: string | undefined }>({
      options,
      initialValue: options[0]?.value,
      input: process.stdin,
      output: process.stderr,
      signal: AbortSignal.any([signal, leaving.signal]),
      render() {
        const { columns = 80, rows = 24 } = process.stderr
        const list = { items, cursor: this.cursor, columns, rows }
        if (this.state === 'cancel') return palette.title(QUESTION).printable
        const render = this.state === 'submit' ? renderAnswer : renderOpenList
        return render(palette, QUESTION, list).printable
      },
    })
    prompt.on('key', (key) => {
      interrupted ||= key === CTRL_C
      if (key === CTRL_D) setImmediate(() => leaving.abort())
    })
    return await prompt.prompt()
  })
  if (interrupted) throw interruption()
  return isCancel(answer) ? undefined : answer
}

/** A terminal that gives single keys gives this one too: it is passed on as the signal that it is elsewhere. */
function interruption(): Error {
  process.emit('SIGINT', 'SIGINT')
  return janusError('JANUS_ABORTED', 'interrupted; nothing was changed')
}

function renderChoice(palette: Palette, { device, group }: DeviceChoice): Fragment {
  const others = group.functions.filter(({ address }) => address !== device.address).map(({ address }) => address)
  const beside = others.length === 0 ? 'alone' : `with ${others.join(' ')}`
  const uses = device.uses.map((use) => text`  ${renderUse(palette, use)}`)
  return lines(text`${renderFunction(palette, device)}; group ${group.id}, ${beside}`, uses)
}
