import { link } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { plan, twoNodes } from '../fixture/hugepage-machine.js'

describe('persistent pages beside other files of sysctl settings', () => {
  const systemd = { ...twoNodes, '/usr/lib/systemd/systemd-sysctl': '' }
  const ten = { pages: 10, persistent: true }
  const ours = '/etc/sysctl.d/janus-hugepages.conf'
  const three = 'vm.nr_hugepages=3\n'

  it.each(['/run', '/usr/local/lib', '/usr/lib', '/lib'])(
    'are refused where a later one is below %s',
    async (folder) => {
      const path = `${folder}/sysctl.d/zz.conf`
      await expect(plan({ ...systemd, [path]: three }, ten)).rejects.toMatchObject({
        code: 'JANUS_HOST_UNFIT',
        message: expect.stringContaining(`${path} sets vm.nr_hugepages to 3, after ${ours}`),
        remedy: expect.stringContaining('/etc/sysctl.d/zz.conf'),
      })
      expect(await plan({ ...systemd, [`${folder}/sysctl.d/50-a.conf`]: three }, ten)).toHaveLength(3)
    },
  )

  it('are made where a file of the same name in /etc is read in its place', async () => {
    const shadowed = { ...systemd, '/usr/lib/sysctl.d/zz.conf': three }
    expect(await plan({ ...shadowed, '/etc/sysctl.d/zz.conf': '# nothing\n' }, ten)).toHaveLength(3)
    expect(await plan({ ...shadowed, '/etc/sysctl.d/zz.conf': link('/dev/null') }, ten)).toHaveLength(3)
    expect(await plan({ ...systemd, '/usr/lib/sysctl.d/janus-hugepages.conf': three }, ten)).toHaveLength(3)
    await expect(plan({ ...shadowed, '/run/sysctl.d/zz.conf': 'vm.nr_hugepages=4\n' }, ten)).rejects.toThrow(
      '/run/sysctl.d/zz.conf sets vm.nr_hugepages to 4',
    )
  })

  it('count the last line of a file, and of the later files the last', async () => {
    const files = (text: string, last = '') => ({
      ...systemd,
      '/etc/sysctl.d/y.conf': text,
      '/etc/sysctl.d/zz.conf': last,
    })
    await expect(plan(files('vm.nr_hugepages=10\n-vm/nr_hugepages = 3\n'), ten)).rejects.toThrow('to 3')
    expect(await plan(files('vm.nr_hugepages=3\nvm.nr_hugepages=10\n'), ten)).toHaveLength(3)
    expect(await plan(files(three, 'vm.nr_hugepages=10\n'), ten)).toHaveLength(3)
    expect(await plan(files('#vm.nr_hugepages=3\n;vm.nr_hugepages=3\n'), ten)).toHaveLength(3)
  })

  it('are given back only where no file is left that reserves some', async () => {
    const files = { ...systemd, [ours]: 'vm.nr_hugepages = 10\n', '/usr/lib/sysctl.d/50-a.conf': three }
    await expect(plan(files, { pages: 0, persistent: true })).rejects.toThrow('/usr/lib/sysctl.d/50-a.conf sets')
    const none = { ...files, '/etc/sysctl.d/60-b.conf': 'vm.nr_hugepages=0\n' }
    expect(await plan(none, { pages: 0, persistent: true })).toMatchObject([{ kind: 'remove-file', path: ours }])
  })

  it('go by /etc/sysctl.conf where it is read: by systemd through a link, by others last of all', async () => {
    const settings = { '/etc/sysctl.conf': three }
    expect(await plan({ ...systemd, ...settings }, ten)).toHaveLength(3)
    const linked = { ...systemd, ...settings, '/etc/sysctl.d/99-sysctl.conf': link('../sysctl.conf') }
    expect(await plan(linked, ten)).toHaveLength(3)
    await expect(plan(linked, { ...ten, node: 0 })).rejects.toThrow('/etc/sysctl.d/99-sysctl.conf sets')
    await expect(plan({ ...twoNodes, ...settings }, ten)).rejects.toThrow('/etc/sysctl.conf sets vm.nr_hugepages to 3')
  })
})
