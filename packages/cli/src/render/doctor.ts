import type { DoctorReport } from '@janus/core'
import { type Fragment, join, lines, text } from './markup.js'
import { renderModules } from './modules.js'
import type { Palette } from './palette.js'
import { renderTable } from './table.js'

/** What somebody who looks into a problem asks first, to be pasted into a report. */
export function renderDoctor(palette: Palette, report: DoctorReport): Fragment {
  const { node, platform, user, cores, stateDirectory: state, sandbox, tools } = report
  const facts: readonly (readonly [string, string])[] = [
    ['janus', report.janus],
    ['node', `${node.version}, ${node.path}`],
    ['system', `${platform.os} ${platform.architecture}, kernel ${platform.kernel}`],
    ['run as', `${user.root ? 'root' : `user ${user.uid}`}${user.sudo ? ', through sudo' : ''}`],
    ...cores.map(({ version, path }): readonly [string, string] => ['core', `${version}, ${path}`]),
    ['state', `${state.path} (${state.state}${state.mode === undefined ? '' : `, mode ${state.mode}`})`],
    ['extensions', report.extensionDirectory],
    ['sandbox', sandbox.available ? `works, ${sandbox.program} ${sandbox.version}` : 'does not work here'],
  ]
  const found = tools.map(({ name, path, version }) => [name, version ?? 'did not say its version', path])
  return join(
    [
      lines(facts.map(([name, value]) => text`${palette.faint(name.padEnd(10))} ${value}`)),
      found.length === 0 ? text`No tools were found.` : renderTable(palette, ['TOOL', 'VERSION', 'PATH'], found),
      renderModules(palette, report.modules),
    ],
    '\n\n',
  )
}
