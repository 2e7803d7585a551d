import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createKernelModel } from '../../../src/testing/index.js'

const ROOT = '/sys/fs/cgroup'
const RECORDED = new URL('../../../../../lab/recorded/', import.meta.url)

describe('the cgroup tree of the kernel model, beside a real kernel', () => {
  it.each(recordings().map((file) => [file.replace(/^cgroup-answers-|\.json$/g, ''), file]))(
    'answers like %s',
    async (_, file) => {
      const { answers } = JSON.parse(readFileSync(new URL(file, RECORDED), 'utf8')) as { answers: readonly Answer[] }
      const tasks = [
        { pid: 1, name: 'sleep' },
        { pid: 2, name: 'kthreadd', kernelThread: 'bound' as const },
        { pid: 3, name: 'init' },
      ]
      const kernel = createKernelModel({ cgroups: { online: '0-3', tasks } })
      expect(answers.length).toBeGreaterThan(50)
      const hand = await kernel.machine.startHand()
      for (const [index, { operation, result, text }] of answers.entries()) {
        const path = `${ROOT}/${operation.name}`
        const title = `${index + 1}. ${JSON.stringify(operation)}`
        if (operation.kind === 'write') {
          expect([title, kernel.write(path, (operation.content ?? '').replace('<task>', '1'))]).toEqual([title, result])
        } else if (operation.kind === 'read') {
          const reading = kernel.read(path)
          const found = reading !== undefined && 'value' in reading ? reading.value : undefined
          expect([title, found]).toEqual([title, text?.replace('<task>', '1')])
        } else {
          const answer = await hand.perform(
            operation.kind === 'mkdir'
              ? { kind: 'create-directory', path, mode: 0o755 }
              : { kind: 'remove-directory', path },
            1_000,
          )
          expect([title, answer.outcome === 'failed' ? answer.errno : 'ok']).toEqual([title, result])
        }
      }
    },
  )
})

interface Answer {
  readonly operation: {
    readonly kind: 'mkdir' | 'rmdir' | 'write' | 'read'
    readonly name: string
    readonly content?: string
  }
  readonly result: string
  readonly text?: string
}

function recordings(): readonly string[] {
  return readdirSync(RECORDED).filter((name) => name.startsWith('cgroup-answers-'))
}
