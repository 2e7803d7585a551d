import type { Change, RunCommand } from '../../contract/change.js'
import type { Host } from '../../contract/host.js'
import { janusError } from '../../errors/janus-error.js'
import { EFI, findSystemProgram, firstPresent } from './loader-evidence.js'

/** It looks for other systems on every disk. */
const TIMEOUT = 300_000
const STUB = /^\s*configfile\s/m

/**
 * The command that makes GRUB's configuration of its settings: Debian's `update-grub`, elsewhere `grub-mkconfig -o`.
 * The same for every plan over the same host, but for what it is verified by.
 * @param words what the configuration holds afterwards
 * @throws JANUS_HOST_UNFIT where neither is installed, or two configurations contend
 */
export async function grubRegeneration(host: Host, words: readonly string[]): Promise<Change> {
  const output = await grubConfiguration(host)
  const verify = words.map((value) => ({ kind: 'contains', path: output, value }) as const)
  const common = { kind: 'run-command', timeout: TIMEOUT, outputs: [output], scope: 'persistent', verify } as const
  const why = `let GRUB's configuration follow its settings`
  const update = await findSystemProgram(host, 'update-grub')
  if (update !== undefined && output === '/boot/grub/grub.cfg') return { ...common, command: update, args: [], why }
  for (const name of ['grub2-mkconfig', 'grub-mkconfig']) {
    const command = await findSystemProgram(host, name)
    if (command !== undefined) return { ...common, command, args: ['-o', output], why } satisfies RunCommand
  }
  const message = `${host.description} has GRUB's settings but no update-grub and no grub-mkconfig: ${output} could not be made again`
  throw janusError('JANUS_HOST_UNFIT', message, {
    remedy: 'Install the package that brings grub-mkconfig.',
    data: { output },
  })
}

/** The configuration that GRUB reads; on the EFI partition there may be a stub, that only leads to it. */
async function grubConfiguration(host: Host): Promise<string> {
  const paths = ['/boot/grub/grub.cfg', '/boot/grub2/grub.cfg']
  const present: string[] = []
  for (const path of paths) if (await host.exists(path)) present.push(path)
  const [one, other] = present
  if (one !== undefined && other !== undefined) {
    const message = `${host.description} has two configurations of GRUB, ${one} and ${other}, and nothing shows which of them it reads`
    throw janusError('JANUS_HOST_UNFIT', message, {
      remedy: 'Remove the one that is not used.',
      data: { paths: present },
    })
  }
  const onEfi = (await host.exists(EFI)) ? await wholeConfigurationOnEfi(host) : undefined
  return onEfi ?? one ?? (await wholeConfigurationOnEfi(host)) ?? '/boot/grub/grub.cfg'
}

async function wholeConfigurationOnEfi(host: Host): Promise<string | undefined> {
  const vendors = (await host.list('/boot/efi/EFI')).value ?? []
  for (const vendor of vendors) {
    const path = await firstPresent(host, [`/boot/efi/EFI/${vendor}/grub.cfg`])
    const text = path === undefined ? undefined : (await host.readText(path)).value
    if (text !== undefined && !STUB.test(text)) return path
  }
  return undefined
}
