import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { openTerminal } from '../packages/cli/test/completion/terminal.js'
import { repository } from '../scripts/workspace.js'
import { temporaryFolder } from './temporary-folder.js'

describe('npm run practice', () => {
  test('takes commands from a pipe and does them on one machine in memory, which it boots when told to', async () => {
    const { exitCode, output } = await practise(
      [],
      ['sudo janus bind --device 0000:02:00.0 --apply', 'janus status', 'sudo reboot', 'janus status'],
    )
    expect(output).toMatch(/Applied gpu-vfio[\s\S]*\$ janus status[\s\S]* applied [\s\S]*\$ sudo reboot\n[\s\S]* void /)
    expect(output).not.toContain('[exit code')
    expect(exitCode).toBe(0)
  })

  test('begins without an IOMMU where --bare says so', async () => {
    const { output } = await practise(['--bare'], ['janus bind --list'])
    expect(output).toContain('IOMMU not in effect')
  })

  test.each([
    ['ls -l', 'knows janus and reboot only, not: ls -l'],
    ['janus check | head', 'there is no shell on the machine in memory: janus check | head'],
    ['sudo janus agent stop --reason x', 'there is no agent on the machine in memory'],
    ['janus --color agent stop --reason x', 'there is no agent on the machine in memory'],
  ])('says that %s cannot be done there, and goes on', async (command, said) => {
    const { output } = await practise([], [command, 'janus status'])
    expect(output).toContain(said)
    expect(output).toMatch(/\$ janus status\n(?:.*\n)*clean: /)
  })

  test('follows a page, and ends with 1 where the page shows what is not so', async () => {
    const page = join(await temporaryFolder('practice'), 'page.md')
    await writeFile(
      page,
      '```console machine\n$ sudo janus status\n…\nclean: nothing is unfinished, everything still holds\n```\n',
    )
    const good = await practise([page], [])
    expect(good.output).toContain('1 steps, 0 of them not as the page says')
    expect(good.exitCode).toBe(0)
    await writeFile(page, '```console machine\n$ sudo janus status\n…\nall is well\n```\n')
    const bad = await practise([page], [])
    expect(bad.output).toContain('not as the page says: sudo janus status: does not print\nall is well')
    expect(bad.exitCode).toBe(1)
  })

  test('refuses a page on which there is nothing to do', async () => {
    const { exitCode, output } = await practise(['docs/security-model.md'], [])
    expect(output).toContain('docs/security-model.md has nothing that can be done on the machine in memory')
    expect(exitCode).toBe(1)
  })

  test.each([
    [['absent.md'], /^there is no page .*absent\.md\n$/],
    [['docs'], /^.*docs is no file\n$/],
    [['--frob'], /^Unknown option '--frob'.*\nusage: npm run practice /],
    [['--bare', 'docs/first-hour.md'], /^usage: npm run practice /],
  ])('refuses %j and says why', async (args, said) => {
    const { exitCode, output } = await practise(args, [])
    expect(output).toMatch(said)
    expect(exitCode).toBe(1)
  })

  test('answers --version as the command does', async () => {
    const { output } = await practise([], ['janus --version', 'janus -v --json'])
    expect(output).toMatch(/^\$ janus --version\njanus \d+\.\d+\.\d+\n/)
    expect(output).toContain('"command": "version"')
    expect(output).not.toContain('[exit code')
  })

  test('shows what a page holds, and has no terminal obey it', async () => {
    const page = join(await temporaryFolder('practice'), 'page.md')
    await writeFile(page, '```console machine\n$ janus status \u001b]0;owned\u0007\n\u001b[2J\n```\n')
    const { output } = await practise([page], [])
    expect(output).toContain('$ janus status ')
    for (const control of ['\u001b', '\u0007']) expect(output).not.toContain(control)
  })

  test('leaves nothing behind when nobody reads it any more', async () => {
    const folder = await temporaryFolder('practice')
    const child = start([], folder)
    child.stdout.destroy()
    child.stdin.end('janus status\njanus status\n')
    await once(child, 'close')
    expect(await text(child.stderr)).toBe('')
    expect(await sessionsIn(folder)).toEqual([])
  })

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('leaves nothing behind when %s ends it', async (signal) => {
    const folder = await temporaryFolder('practice')
    const child = start([], folder)
    child.stdin.write('janus status\n')
    while ((await sessionsIn(folder)).length === 0) await delay(50)
    child.kill(signal)
    await once(child, 'close')
    expect(await sessionsIn(folder)).toEqual([])
  })

  test('asks for the next command after Ctrl-C ended one, and ends at the prompt by it, with nothing left behind', async () => {
    const folder = await temporaryFolder('practice')
    const { CI: _, ...env } = process.env
    const command = [process.execPath, '--import', 'tsx', 'scripts/practice.ts']
    const terminal = openTerminal(command, { cwd: repository, env: { ...env, TERM: 'xterm', TMPDIR: folder } as never })
    try {
      await terminal.until(/practice\$ /)
      for (const _ of [1, 2]) {
        terminal.type('sudo janus bind --device 0000:02:00.0 --apply\r')
        await terminal.until(/\[y\/N\]/)
        terminal.type('\u0003')
        await terminal.until(/\[exit code 130\]\s[\s\S]*practice\$ /)
      }
      terminal.type('janus --version\r')
      await terminal.until(/janus \d+\.[\s\S]*practice\$ /)
      expect(await sessionsIn(folder)).toHaveLength(1)
      terminal.type('\u0003')
      while ((await sessionsIn(folder)).length > 0) await delay(50)
    } finally {
      await terminal.end()
    }
  })
})

function start(args: readonly string[], temporary?: string) {
  return spawn(process.execPath, ['--import', 'tsx', 'scripts/practice.ts', ...args], {
    cwd: repository,
    env: { ...process.env, INIT_CWD: '', ...(temporary === undefined ? {} : { TMPDIR: temporary }) },
  })
}

async function practise(args: readonly string[], commands: readonly string[]) {
  const child = start(args)
  child.stdin.end(commands.join('\n'))
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { exitCode: child.exitCode, output: `${stdout}${stderr}` }
}

async function sessionsIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('janus-guide-'))
}
