import {
  createKernelModel,
  emptyDirectory,
  file,
  type KernelModel,
  standardMachine,
  type TreeInput,
} from '@janus/core/testing'

/** What differs between machines that the agent is installed on. */
export interface InstallMachine {
  /** Programs that are not there. */
  readonly without?: readonly string[]
  readonly files?: TreeInput
  /** AppArmor restricts user namespaces, and the distribution has a profile for it or not. */
  readonly appArmor?: 'shipped' | 'bare'
}

const PROGRAMS = [
  ...['systemctl', 'systemd-sysusers', 'systemd-notify', 'bwrap', 'prlimit', 'nsenter', 'socat', 'janus'].map(
    (name) => `/usr/bin/${name}`,
  ),
  ...['groupadd', 'useradd', 'userdel', 'groupdel', 'apparmor_parser', 'nologin'].map((name) => `/usr/sbin/${name}`),
]
const PROFILES = '/sys/kernel/security/apparmor/profiles'
const SHIPPED = '/usr/share/apparmor/extra-profiles/bwrap-userns-restrict'

/** A machine that systemd runs, with the programs that make users and load profiles, each as far as the plan knows of it. */
export function installMachine({ without = [], files = {}, appArmor }: InstallMachine = {}): KernelModel {
  const standard = standardMachine()
  const model = createKernelModel({
    ...standard,
    files: {
      ...standard.files,
      ...Object.fromEntries(
        PROGRAMS.filter((path) => !without.includes(path)).map((path) => [path, file('', { mode: 0o755 })]),
      ),
      '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\nmessagebus:x:999:999::/:/usr/sbin/nologin\n',
      '/etc/group': 'root:x:0:\nmessagebus:x:999:\n',
      '/proc/meminfo': 'MemTotal:       33554432 kB\n',
      '/run/systemd/system': emptyDirectory(),
      '/etc/systemd/system': emptyDirectory(),
      '/etc/sysusers.d': emptyDirectory(),
      '/srv': emptyDirectory(),
      '/var/log': emptyDirectory(),
      ...(appArmor === undefined
        ? {}
        : {
            '/proc/sys/kernel/apparmor_restrict_unprivileged_userns': '1\n',
            [PROFILES]: 'unconfined_one (unconfined)\n',
            '/etc/apparmor.d': emptyDirectory(),
            ...(appArmor === 'shipped' ? { [SHIPPED]: 'profile bwrap /usr/bin/bwrap {}\n' } : {}),
          }),
      ...files,
    },
  })
  const text = (path: string): string => {
    const answer = model.read(path)
    return answer !== undefined && 'value' in answer ? answer.value : ''
  }
  const add = (path: string, line: string) => {
    if (!text(path).includes(`\n${line.split(':')[0]}:`)) model.put({ [path]: text(path) + line })
  }
  const remove = (path: string, name: string) => {
    const lines = text(path).split('\n')
    if (!lines.some((line) => line.startsWith(`${name}:`))) return failed(`${name} does not exist`)
    model.put({ [path]: lines.filter((line) => !line.startsWith(`${name}:`)).join('\n') })
    return DONE
  }
  model.onCommand('/usr/bin/systemd-sysusers', ({ args: [path = ''] }) => {
    for (const line of text(path).split('\n')) {
      const [kind, name = '', id = ''] = line.split(' ')
      if (kind === 'g') add('/etc/group', `${name}:x:${id}:\n`)
      if (kind === 'u') add('/etc/passwd', `${name}:x:${id}:Janus agent:/srv/janus:/usr/sbin/nologin\n`)
    }
    return DONE
  })
  model.onCommand('/usr/sbin/groupadd', ({ args }) => {
    add('/etc/group', `${args.at(-1)}:x:${args[2]}:\n`)
    return DONE
  })
  model.onCommand('/usr/sbin/useradd', ({ args }) => {
    add('/etc/passwd', `${args.at(-1)}:x:${args[2]}:${args[4]}::${args[6]}:/usr/sbin/nologin\n`)
    return DONE
  })
  model.onCommand('/usr/sbin/userdel', ({ args: [name = ''] }) => remove('/etc/passwd', name))
  model.onCommand('/usr/sbin/groupdel', ({ args: [name = ''] }) => remove('/etc/group', name))
  model.onCommand('/usr/bin/systemctl', () => DONE)
  model.onCommand('/usr/sbin/apparmor_parser', ({ args: [what, path = ''] }) => {
    const name = path.endsWith('janus-bwrap') ? 'janus-bwrap' : 'bwrap'
    const others = text(PROFILES)
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith(`${name} `))
    if (what === '-R' && others.length === text(PROFILES).trim().split('\n').length) return failed('no such profile')
    model.put({
      [PROFILES]: [...others, ...(what === '-r' ? [`${name} (enforce)`] : [])].map((line) => `${line}\n`).join(''),
    })
    return DONE
  })
  return model
}

const DONE = { outcome: 'done' } as const

function failed(message: string) {
  return { outcome: 'failed', errno: 'EEXIT', message } as const
}
