import { listNames, readValue } from '../read-value.js'
import type { FoundUse, UseSurvey } from './use-survey.js'

const INPUTS = '/sys/class/input'
const SERIAL_BUS = '0c'

interface Keyboard {
  readonly name: string
  readonly path: string
}

/** Controllers whose loss would leave the host without any keyboard. Those made by programs (uinput) do not count. */
export async function findKeyboardUses(survey: UseSurvey): Promise<readonly FoundUse[]> {
  const { host, devices } = survey
  if (!devices.some((device) => device.class.startsWith(SERIAL_BUS))) return []
  const keyboards: Keyboard[] = []
  for (const input of await listNames(host, INPUTS)) {
    const path = /^input\d+$/.test(input) ? (await host.readLink(`${INPUTS}/${input}`)).value : undefined
    if (path === undefined || path.startsWith('/sys/devices/virtual/')) continue
    if (isKeyboard(await readValue(host, `${path}/capabilities/key`))) {
      keyboards.push({ name: (await readValue(host, `${path}/name`)) ?? input, path })
    }
  }
  return devices.flatMap(({ address }): FoundUse[] => {
    const own = keyboards.filter(({ path }) => survey.ownersOf(path).includes(address))
    const [first] = own
    if (first === undefined || own.length < keyboards.length) return []
    const summary = `the last keyboard of the host is behind it: ${own.map(({ name }) => name).join(', ')}`
    const evidence = `${first.path}/capabilities/key`
    return [
      {
        address,
        use: { kind: 'last-keyboard', severity: 'blocking', summary, chain: own.map(({ name }) => name), evidence },
      },
    ]
  })
}

/**
 * True for the key capabilities of a keyboard with letters: Q, Enter and A (linux/input-event-codes.h), all in the last
 * word, whatever the word size. Power buttons and remote controls lack them.
 */
function isKeyboard(capabilities: string | undefined): boolean {
  const last = capabilities?.split(/\s+/).at(-1)
  if (last === undefined || !/^[0-9a-f]{1,16}$/i.test(last)) return false
  const bits = BigInt(`0x${last}`)
  return [16n, 28n, 30n].every((key) => (bits & (1n << key)) !== 0n)
}
