import { executorSuite } from '@janus/core/testing'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { sandboxExecutor } from '../../src/index.js'
import { type TestSandbox, testSandbox } from '../support/run-sandbox.js'
import { SMALL } from '../support/small-limits.js'

let opened: TestSandbox

beforeAll(async () => {
  opened = await testSandbox()
})
afterAll(() => opened.close())

describe('the executor of the sandbox', () => {
  executorSuite({ test, create: () => sandboxExecutor(opened.sandbox, { limits: SMALL }) })
})
