import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packageDirectory, repositoryAddress, sharedFields } from './package-fields.js'
import { publicPackages, readPackageJson, repository } from './workspace.js'

/** `npm run fields`: brings what package.json files share to what the root has. With an address, that is first written there. */
async function main(address: string | undefined): Promise<void> {
  if (address !== undefined && !/^https:\/\/[^\s/]+(\/[\w.-]+)+$/.test(address))
    throw new Error(`${address} is not the web address of a repository: https://HOST/OWNER/NAME`)
  const root = await readPackageJson(repository)
  const wanted = address ?? repositoryAddress(root)
  await update(repository, { repository: { type: 'git', url: `git+${wanted}.git` } })
  for (const member of await publicPackages())
    await update(member.folder, sharedFields(root, packageDirectory(repository, member), wanted))
}

async function update(folder: string, fields: object): Promise<void> {
  const file = join(folder, 'package.json')
  const json = JSON.parse(await readFile(file, 'utf8')) as object
  await writeFile(file, `${JSON.stringify({ ...json, ...fields }, undefined, 2)}\n`)
}

await main(process.argv[2])
