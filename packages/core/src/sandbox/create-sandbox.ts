import { bindFailure, probeSandbox, type SandboxFacts, type SandboxSettings } from './probe-sandbox.js'
import { runSandboxed } from './run-sandboxed.js'
import type { SandboxRequest, SandboxResult } from './sandbox-request.js'

/** The sandbox of this machine. */
export interface Sandbox {
  /** Tries it, once. Rejects with JANUS_SANDBOX_UNAVAILABLE. */
  probe(): Promise<SandboxFacts>
  /**
   * Runs a program in it. Rejects with JANUS_SANDBOX_UNAVAILABLE when there is none, JANUS_SANDBOX_BIND_REFUSED naming the path
   * that must not or could not be shown, or JANUS_USAGE; never runs anything outside of it.
   */
  run(request: SandboxRequest): Promise<SandboxResult>
}

/**
 * Makes the sandbox of this machine; nothing is started before it is asked.
 * @example
 * const sandbox = createSandbox()
 * const { stdout } = await sandbox.run({ command: '/usr/bin/sha256sum', args: ['-'], input: 'text' })
 */
export function createSandbox(settings: SandboxSettings = {}): Sandbox {
  let probed: Promise<SandboxFacts> | undefined
  const probe = (): Promise<SandboxFacts> => {
    probed ??= probeSandbox(settings)
    return probed
  }
  return {
    probe,
    async run(request) {
      const result = await runSandboxed(await probe(), request)
      if (result.started || result.cancelled || result.timedOut) return result
      throw bindFailure(result, request.readOnly ?? [])
    },
  }
}
