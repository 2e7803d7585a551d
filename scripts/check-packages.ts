import { fileURLToPath } from 'node:url'
import { packageDisagreements } from './package-files.js'
import { packPackage } from './packed-packages.js'
import { packageSizeFaults, readSizeBudgets } from './release/size-budgets.js'
import { runProgram, tool } from './run-program.js'
import { printToolCheck, type ToolCheck, toolCheck } from './tool-check.js'
import { publicPackages, type WorkspacePackage } from './workspace.js'

/** publint, attw, our own comparison and the size budget for each published package, knip and the API reports over all. Needs the packages built. */
export async function checkPackages(report: (check: ToolCheck) => void): Promise<readonly ToolCheck[]> {
  const checks: ToolCheck[] = []
  const ended = (check: ToolCheck): void => {
    checks.push(check)
    report(check)
  }
  ended(toolCheck('knip', await runProgram(tool('knip'), ['--no-progress', '--no-config-hints'])))
  ended(toolCheck('api reports', await runProgram(tool('tsx'), ['scripts/write-api-reports.ts', '--check'])))
  for (const member of await publicPackages()) for (const check of await checkPackage(member)) ended(check)
  return checks
}

async function checkPackage(member: WorkspacePackage): Promise<readonly ToolCheck[]> {
  const { name, folder } = member
  const disagreements = await packageDisagreements(member)
  const overBudget = packageSizeFaults(await packPackage(member), await readSizeBudgets())
  return [
    toolCheck(`publint ${name}`, await runProgram(tool('publint'), ['--strict', '--pack', 'npm'], { cwd: folder })),
    toolCheck(
      `attw ${name}`,
      await runProgram(tool('attw'), ['--pack', '--profile', 'esm-only', '--no-emoji', '--no-color'], { cwd: folder }),
    ),
    { name: `exports ${name}`, ok: disagreements.length === 0, output: disagreements.join('\n') },
    { name: `size ${name}`, ok: overBudget.length === 0, output: overBudget.join('\n') },
  ]
}

async function main(): Promise<number> {
  const checks = await checkPackages(printToolCheck)
  return checks.every(({ ok }) => ok) ? 0 : 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main()
