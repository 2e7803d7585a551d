import type { ToolManifest } from '../../contract/tool.js'
import { choice, flags, grammar, integer, option, PATH, pattern } from './grammar-parts.js'

/** curl, on the domains of the action: no configuration, no files sent, no patterns of addresses, no other protocols, no proxies of its own. */
export const CURL: ToolManifest = {
  name: 'curl',
  summary: 'Fetches an address on one of the domains of the action.',
  command: [
    'curl',
    '--disable',
    '--globoff',
    '--silent',
    '--show-error',
    '--fail',
    '--proto',
    '=http,https',
    '--proto-redir',
    '=http,https',
    '--max-redirs',
    '5',
  ],
  sideEffects: 'outside',
  network: true,
  writes: true,
  idempotent: false,
  reversible: false,
  interpreter: false,
  arguments: grammar({
    options: [
      ...flags(['-L', '--location'], ['-I', '--head'], ['-i', '--include'], '--compressed', ['-G', '--get']),
      ...flags(['-s', '--silent'], ['-S', '--show-error'], ['-f', '--fail'], '--fail-with-body', ['-v', '--verbose']),
      option(['-X', '--request'], choice('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS')),
      // A header that begins with @ would be read from a file.
      option(['-H', '--header'], pattern('[A-Za-z0-9-]{1,64}: ?[ -~]{0,900}'), true),
      option(['-A', '--user-agent'], pattern('[!-~][ -~]{0,200}')),
      option(['--data-raw'], { kind: 'text', mostBytes: 65_536 }, true),
      option(['-m', '--max-time'], integer(1, 600)),
      option(['--connect-timeout'], integer(1, 600)),
      option(['--retry'], integer(0, 5)),
      option(['--max-filesize'], integer(1, 1_073_741_824)),
      option(['-r', '--range'], pattern('[0-9]{1,15}-[0-9]{0,15}')),
      option(['-o', '--output'], PATH),
    ],
    positionals: [{ name: 'url', value: { kind: 'url' }, repeatable: true }],
    separator: true,
  }),
}
