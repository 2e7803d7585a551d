import { contentDigest, type Finding, type Host, type Query } from '@janus/core'
import { isAsWanted } from './boot-changes.js'
import type { BootPlan } from './boot-plan.js'
import type { GpuVfioBootOptions } from './options.js'

/** Whether the files and the images are what the options want. */
export async function imageFindings(
  host: Host,
  query: Query,
  plan: BootPlan,
  options: Pick<GpuVfioBootOptions, 'allKernels'>,
): Promise<readonly Finding[]> {
  const wanted = plan.methods.flatMap(({ files }) => files)
  const differing: string[] = []
  for (const file of wanted) if (!(await isAsWanted(host, file))) differing.push(file.path)
  const files: Finding =
    differing.length === 0
      ? {
          id: 'boot-files',
          status: 'ok',
          summary: asWantedWords(plan),
          evidence: wanted.map(({ path }) => ({ path })),
        }
      : {
          id: 'boot-files',
          status: 'warn',
          summary: `not as they should be: ${differing.join(', ')}`,
          evidence: differing.map((path) => ({ path })),
          remedy: 'Apply gpu-vfio-boot with these options.',
        }
  return [files, ...(plan.tool === undefined ? [] : await imagesOf(query, plan, options))]
}

function asWantedWords({ methods }: BootPlan): string {
  const count = methods.reduce((sum, { files }) => sum + files.length, 0)
  const names = methods.map(({ method }) => method).join(' and ')
  return count === 1
    ? `the file of the method ${names} is as it should be`
    : `the ${count} files of the method ${names} are as they should be`
}

async function imagesOf(
  query: Query,
  plan: BootPlan,
  { allKernels }: Pick<GpuVfioBootOptions, 'allKernels'>,
): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  const images = (allKernels ? plan.tool?.all : plan.tool?.running) ?? []
  if (images.length === 0) {
    const summary = `${plan.tool?.name} has built no image for the running kernel`
    return [
      { id: 'initramfs', status: 'critical', summary, remedy: 'Build it once, or use the option `method: "udev"`.' },
    ]
  }
  for (const [index, { path }] of images.entries()) {
    const id = index === 0 ? 'initramfs' : `initramfs-${index + 1}`
    const answer = await query('archive-members', { path, members: [...plan.members.keys()] })
    if (!answer.available) {
      findings.push({
        id,
        status: 'skipped',
        summary: `${path} cannot be read back: ${answer.reason}`,
        evidence: [{ path }],
      })
      continue
    }
    const missing = [...plan.members].filter(([name, text]) => answer.members[name] !== contentDigest({ text }))
    findings.push(
      missing.length === 0
        ? { id, status: 'ok', summary: `${path} holds the early binding`, evidence: [{ path }] }
        : {
            id,
            status: 'warn',
            summary: `${path} does not hold the early binding: ${missing.map(([name]) => name).join(', ')} is missing or another`,
            evidence: [{ path }],
            remedy: 'Apply gpu-vfio-boot with these options: it builds the image anew.',
          },
    )
  }
  return findings
}
