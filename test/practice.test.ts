import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { tool } from '../scripts/run-program.js'
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
})

async function practise(args: readonly string[], commands: readonly string[]) {
  const child = spawn(tool('tsx'), ['scripts/practice.ts', ...args], {
    cwd: repository,
    env: { ...process.env, INIT_CWD: '' },
  })
  child.stdin.end(commands.join('\n'))
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { exitCode: child.exitCode, output: `${stdout}${stderr}` }
}
