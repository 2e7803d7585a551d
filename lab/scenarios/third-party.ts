import { join } from 'node:path'
import { defineScenario } from '../scenario.js'
import { installFromRegistry } from '../third-party/install-from-registry.js'

/** Installing changes no machine and needs a network, so it is done on the host; the rest as root in the guest, which has none. */
export default defineScenario({
  summary: 'modules of strangers, from a registry: sandboxed, planned, applied, rolled back, trusted, broken, removed',
  async run({ boot, check, folder, guestProgram }) {
    const { archive, modules, added } = await installFromRegistry(join(folder, 'installation'))
    for (const [at, { packageName }] of Object.values(modules).entries()) {
      const answer = added[at]
      const { preview, extension } = answer?.document?.data ?? {}
      const pinned = preview?.integrity?.startsWith('sha512-') && extension?.trusted === false
      check(`janus module add ${packageName} installs and pins it, not trusted`, pinned === true, answer)
    }
    await boot({
      program: guestProgram('third-party'),
      args: [JSON.stringify({ archive, modules })],
      loadDrivers: false,
      timeoutSeconds: 5_400,
    })
  },
})
