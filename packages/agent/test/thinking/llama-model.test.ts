import { chmod, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLlamaModel, createModel, modelOf } from '../../src/index.js'
import { settingsWith } from '../settings/effects/setting-effect.js'
import { executor } from '../support/local-agent.js'

let folder: string
let program: string

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-llama-')))
  program = join(folder, 'llama-cli')
})

afterEach(() => rm(folder, { recursive: true, force: true }))

/** A program in place of llama.cpp's: keeps what it is given, and says what it is told to. */
async function stand(script: string): Promise<void> {
  await writeFile(program, `#!/bin/bash\nprintf '%s\\n' "$@" > ${folder}/args\nenv > ${folder}/env\n${script}\n`)
  await chmod(program, 0o755)
}

function ask(content: string, more: { readonly timeout?: number; readonly signal?: AbortSignal } = {}) {
  const { timeout = 60_000, signal = new AbortController().signal } = more
  const settings = {
    kind: 'llama',
    program,
    file: '/m.gguf',
    threads: 3,
    temperature: 0.7,
    mostTokens: 512,
    timeout,
    mostReplyBytes: 65_536,
  } as const
  const model = createLlamaModel(settings, { executor, promptDirectory: folder, monotonic: () => performance.now() })
  return model.ask({
    messages: [
      { role: 'system', content: 'Rules' },
      { role: 'user', content },
    ],
    temperature: 0.2,
    mostTokens: 9999,
    signal,
  })
}

describe('the program of llama.cpp', () => {
  test.each([
    ['one', '[end of text]'],
    ['many', '</s></s> \n[end of text] > EOF by user\n'],
    ['a long run of blanks between them', `</s>${' '.repeat(60_000)}</s>`],
  ])('is taken at its word without what it prints behind it: %s', async (_what, trailer) => {
    await writeFile(join(folder, 'printed'), `{"proposals":[]} ${trailer}`)
    await stand(`cat ${folder}/printed`)
    expect(await ask('hello')).toMatchObject({ text: '{"proposals":[]}' })
  })

  test('may print a long run of blanks in its answer', async () => {
    await writeFile(join(folder, 'printed'), `{${' '.repeat(60_000)}"proposals":[]}`)
    await stand(`cat ${folder}/printed`)
    expect((await ask('hello')).text).toHaveLength(60_016)
  })

  test('is given its prompt in a file that is gone afterwards, whatever its length, and nothing of it on its command line', async () => {
    await stand(`cat "\${10}" > ${folder}/prompt; echo '{"proposals":[]} [end of text]'`)
    const secret = `canary ${'x'.repeat(500_000)}`
    expect(await ask(secret)).toMatchObject({ text: '{"proposals":[]}' })
    expect(await readFile(join(folder, 'prompt'), 'utf8')).toBe(`Rules\n\n${secret}\n`)
    const args = (await readFile(join(folder, 'args'), 'utf8')).trim().split('\n')
    const prompt = args[9] ?? ''
    expect(args).toEqual([
      ...[
        '--model',
        '/m.gguf',
        '--threads',
        '3',
        '--single-turn',
        '--no-display-prompt',
        '--simple-io',
        '--log-disable',
      ],
      ...['--file', prompt, '--temp', '0.2', '--predict', '512'],
    ])
    expect(prompt).toMatch(/\/prompt-[0-9a-f]{32}\.txt$/)
    await expect(readFile(prompt)).rejects.toMatchObject({ code: 'ENOENT' })
    expect(await readFile(join(folder, 'env'), 'utf8')).not.toContain('canary')
  })

  test.each([
    ['fails', 'exit 3', /ended with 3/],
    ['says nothing', 'true', /empty/],
    ['says too much', 'head -c 1000000 /dev/zero | tr "\\0" x', /longer than/],
    ['kills itself', 'kill -9 $$', /ended with/],
  ])('that %s gives no answer', async (_what, script, said) => {
    await stand(script)
    await expect(ask('x')).rejects.toMatchObject({
      code: expect.stringMatching(/^JANUS_AGENT_MODEL_/),
      message: expect.stringMatching(said),
    })
  })

  test('that does not end is ended', async () => {
    await stand('sleep 600')
    await expect(ask('x', { timeout: 300 })).rejects.toMatchObject({ data: { kind: 'total-timeout' } })
    const stop = new AbortController()
    const asked = ask('x', { signal: stop.signal })
    setTimeout(() => stop.abort(), 200)
    await expect(asked).rejects.toMatchObject({ data: { kind: 'cancelled' } })
  })

  test('that is not there is told', async () => {
    await expect(ask('x')).rejects.toMatchObject({ data: { kind: 'program' } })
  })
})

describe('what answers by the settings', () => {
  const OPTIONS = { env: {}, llama: undefined, scriptedTool: 'list', monotonic: () => 0 }
  const made = async (keys: Parameters<typeof settingsWith>[0]) =>
    createModel(modelOf(await settingsWith(keys)), OPTIONS)?.kind

  test('is a script only when that is asked for by name, and nothing when nothing is named', async () => {
    expect(await made({})).toBeUndefined()
    expect(await made({ 'debug.simulate_llm': true })).toBe('scripted')
    expect(await made({ 'llm.base_url': 'http://127.0.0.1:1/v1', 'llm.model_path': '/m' })).toBe('server')
  })

  test('is no program without a sandbox to run it in', async () => {
    expect(await made({ 'llm.model_path': '/m' })).toBeUndefined()
  })
})
