import type { CreatedModule } from './create-module.js'

/** What was written, and the commands that come next. */
export function nextSteps({ folder, id, kind, packageName, files }: CreatedModule, from: string): string {
  const where = folder.startsWith(`${from}/`) ? folder.slice(from.length + 1) : folder
  const build = kind === 'ts' ? '  npm run build\n' : ''
  const source = files.find((file) => file === 'src/index.ts' || file.startsWith('modules/'))
  return `${packageName} is in ${printable(where)}: ${files.length} files, the module is ${source}.

  cd ${printable(shellWord(where))}
  npm install
${build}  npm test
  npx janus check ${id} --module .
`
}

function shellWord(text: string): string {
  return /^[\w./@:+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

/** Names may hold escape sequences; a terminal must not get them. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
