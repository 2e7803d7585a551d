import { PROPOSAL_STATUSES } from '../packages/agent/src/contract/proposal.js'
import { TRANSITIONS } from '../packages/agent/src/proposal/transition-table.js'
import { settingsTable } from '../packages/agent/src/settings/settings-table.js'

const TABLES: Readonly<Record<string, () => string>> = { settings: settings, transitions: transitions }
const PLACE = /^<!-- table: (\w+) -->\n[\s\S]*?^<!-- end of the table -->$/gm
const STRICTER: Readonly<Record<string, string>> = {
  lower: 'less',
  higher: 'more',
  false: '`false`',
  true: '`true`',
  fewer: 'fewer members',
  more: 'more members',
  none: 'no other value',
}

/** A page of the agent with the tables that are written from its code. */
export function withAgentTables(page: string): string {
  return page.replace(PLACE, (all, name: string) => {
    const table = TABLES[name]
    return table === undefined ? all : `<!-- table: ${name} -->\n${table()}<!-- end of the table -->`
  })
}

function settings(): string {
  const rows = settingsTable().map(({ key, default: value, does, strict }) => {
    const usual = value === undefined ? '' : `\`${JSON.stringify(value)}\``
    return `| \`${key}\` | ${usual} | ${does} | ${strict === undefined ? '' : STRICTER[strict]} |`
  })
  return `${['| key | default | does | stricter is |', '|---|---|---|---|', ...rows].join('\n')}\n`
}

function transitions(): string {
  const rows = PROPOSAL_STATUSES.map((from) => {
    const next = TRANSITIONS[from].map((to) => `\`${to}\``).join(', ')
    return `| \`${from}\` | ${next === '' ? 'the end' : next} |`
  })
  return `${['| from | to |', '|---|---|', ...rows].join('\n')}\n`
}
