import type { ModeAnswer } from '../../contract/agent.js'
import type { EffectivePermission } from '../../contract/mode.js'
import { visibleLine, visibleName } from '../../review/visible-text.js'
import { columns } from './columns.js'

/** What the agent may do now. */
export function permissionLines(permission: EffectivePermission): readonly string[] {
  const may = (
    [
      ['propose', permission.propose],
      ['run what was approved', permission.runApproved],
      ['run signed playbooks', permission.runPlaybooks],
      ['approve what is listed', permission.approveListed],
      ['run novel proposals', permission.runNovel],
      ['use the network', permission.network],
    ] as const
  )
    .filter(([, allowed]) => allowed)
    .map(([what]) => what)
  return [
    `mode        ${permission.mode}`,
    `may         ${may.length === 0 ? 'nothing' : may.join(', ')}`,
    ...permission.restrictions.map(({ rule, because }) => `restricted  ${visibleLine(because)} (${visibleName(rule)})`),
  ]
}

/** The mode and its gate, each condition with what is wanted and what was found. */
export function modeLines({ permission, gate }: ModeAnswer): readonly string[] {
  if (gate === null) return permissionLines(permission)
  return [
    ...permissionLines(permission),
    '',
    `The gate from ${gate.from} to ${gate.to} is ${gate.open ? 'open' : 'closed'}:`,
    ...columns(
      gate.conditions.map(({ condition, holds, wanted, found }) => [
        holds ? '  ok  ' : '  no  ',
        visibleName(condition),
        `wanted ${visibleLine(wanted)}`,
        `found ${visibleLine(found)}`,
      ]),
    ),
  ]
}
