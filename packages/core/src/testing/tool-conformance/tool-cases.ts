import assert from 'node:assert/strict'
import type { ToolManifest } from '../../contract/tool.js'
import { manifestToolSchema } from '../../tools/tool-schema.js'
import type { ConformanceCase } from '../conformance/conformance-case.js'
import { TOOL_CLAUSES, type ToolClauseId } from './clauses.js'
import type { ToolExample, ToolTrial, ToolTrialRunner, WorkspaceFiles } from './tool-trial.js'
import { undeclaredArguments } from './undeclared-arguments.js'

/** What the cases of one tool are made of. */
export interface ToolSubject {
  readonly tool: ToolManifest
  readonly examples: readonly ToolExample[]
  readonly run: ToolTrialRunner
}

const LONGEST_OUTPUT = 500

/** Everything that is tried of a tool. */
export function toolCases(subject: ToolSubject): readonly ConformanceCase[] {
  const { tool, examples } = subject
  return [
    {
      ...titled('declaration'),
      async run() {
        const { command, ...declared } = tool
        const parsed = manifestToolSchema.safeParse({ ...declared, command })
        assert.ok(parsed.success, parsed.success ? '' : oneLine(parsed.error.issues))
      },
    },
    ...undeclaredArguments(tool, examples).map(({ what, args }) => ({
      ...titled('refuses-what-is-not-declared', what),
      async run() {
        const trial = await subject.run(tool, { what: 'run', args, kwargs: {}, files: filesOf(examples[0]) })
        assert.ok(trial.refused !== undefined, `${JSON.stringify(args)} must be refused, and it was run`)
      },
    })),
    ...examples.flatMap((example) => casesOf(subject, example)),
  ]
}

function casesOf(subject: ToolSubject, example: ToolExample): readonly ConformanceCase[] {
  const { tool } = subject
  const { title } = example
  const before = filesOf(example)
  const cases: (ConformanceCase | undefined)[] = [
    {
      ...titled('takes-its-examples', title),
      async run() {
        const { refused } = await runOf(subject, example)
        assert.equal(refused, undefined, `${JSON.stringify(example.args)} must be taken`)
      },
    },
    {
      ...titled('ends-as-it-should', title),
      async run() {
        await ranOf(subject, example)
      },
    },
    {
      ...titled('writes-in-its-workspace', title),
      async run() {
        const { outside } = await ranOf(subject, example)
        assert.deepEqual(outside, [], 'it wrote outside of its workspace')
      },
    },
    tool.writes
      ? undefined
      : {
          ...titled('writes-nothing', title),
          async run() {
            requireSame((await ranOf(subject, example)).files, before, 'it is declared to write nothing')
          },
        },
    tool.network
      ? undefined
      : {
          ...titled('uses-no-network', title),
          async run() {
            const { hosts } = await runOf(subject, example)
            assert.deepEqual(hosts, [], 'it is declared to need no network, and asked for one')
          },
        },
    tool.idempotent
      ? {
          ...titled('idempotent', title),
          async run() {
            const once = await ranOf(subject, example)
            const twice = await ranOf(subject, example, once.files)
            requireSame(twice.files, once.files, 'a second run must leave what the first left')
          },
        }
      : undefined,
    tool.probe === undefined ? undefined : probeCase(subject, example),
  ]
  return cases.filter((each) => each !== undefined)
}

function probeCase(subject: ToolSubject, example: ToolExample): ConformanceCase {
  const { tool } = subject
  const probe = async (files: WorkspaceFiles): Promise<number | undefined> => {
    const trial = await subject.run(tool, { what: 'probe', args: example.args, kwargs: {}, files })
    requireSame(trial.files, files, 'a probe must change nothing')
    assert.ok(trial.exitCode === 0 || trial.exitCode === 1, `it answered with ${trial.exitCode}${said(trial)}`)
    return trial.exitCode
  }
  return {
    ...titled('probe-answers', example.title),
    async run() {
      await probe(filesOf(example))
      const { files } = await ranOf(subject, example)
      assert.equal(await probe(files), 0, 'after a run that took effect it must answer with 0')
    },
  }
}

async function runOf(
  { tool, run }: ToolSubject,
  { args, kwargs = {}, ...example }: ToolExample,
  files = filesOf(example),
): Promise<ToolTrial> {
  return run(tool, { what: 'run', args, kwargs, files })
}

/** A run that took place, and ended as the example says. */
async function ranOf(subject: ToolSubject, example: ToolExample, files?: WorkspaceFiles): Promise<ToolTrial> {
  const trial = await runOf(subject, example, files)
  assert.equal(trial.refused, undefined, 'its arguments were refused')
  assert.equal(trial.exitCode, example.exitCode ?? 0, `its exit status${said(trial)}`)
  return trial
}

function requireSame(found: WorkspaceFiles, wanted: WorkspaceFiles, why: string): void {
  const told = (files: WorkspaceFiles) =>
    Object.fromEntries(
      Object.entries(files)
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([path, content]) => [path, Buffer.from(content).toString('base64')]),
    )
  assert.deepEqual(told(found), told(wanted), why)
}

function filesOf(example: Pick<ToolExample, 'files'> | undefined): WorkspaceFiles {
  return Object.fromEntries(
    Object.entries(example?.files ?? {}).map(([path, content]) => [
      path,
      typeof content === 'string' ? Buffer.from(content) : content,
    ]),
  )
}

function titled(id: ToolClauseId, on?: string): Pick<ConformanceCase, 'id' | 'title'> {
  const { title } = TOOL_CLAUSES[id]
  return { id, title: on === undefined ? title : `${title}: ${on}` }
}

function said({ output }: ToolTrial): string {
  return output === '' ? '' : `; it printed ${JSON.stringify(output.slice(0, LONGEST_OUTPUT))}`
}

function oneLine(issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]): string {
  return issues.map(({ path, message }) => `${path.map(String).join('.') || 'the whole'}: ${message}`).join('; ')
}
