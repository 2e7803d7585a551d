/** A clause that tools are held to: what must hold, and of which tools. */
export interface ToolClause {
  readonly title: string
  readonly concerns: 'every tool' | 'a tool that says so'
}

/** The clauses that the conformance suite of tools tries, by id. An id never changes its meaning; `docs/agent/writing-a-tool.md` has a line for each. */
export const TOOL_CLAUSES = {
  declaration: clause('every tool', 'is declared in the right form'),
  'takes-its-examples': clause('every tool', 'its grammar takes the arguments of its examples'),
  'refuses-what-is-not-declared': clause(
    'every tool',
    'runs by its grammar alone: anything else is refused, and nothing runs',
  ),
  'ends-as-it-should': clause('every tool', 'ends with the exit status of the example'),
  'writes-in-its-workspace': clause('every tool', 'writes nowhere but in its workspace'),
  'writes-nothing': clause('a tool that says so', 'writes nothing where it is declared not to write'),
  'uses-no-network': clause('a tool that says so', 'asks for no network where it is declared to need none'),
  idempotent: clause('a tool that says so', 'leaves the same after a second run where it is declared idempotent'),
  'probe-answers': clause(
    'a tool that says so',
    'its probe changes nothing, answers with 0 or 1, and with 0 after a run',
  ),
} as const satisfies Record<string, ToolClause>

/** Id of one of {@link TOOL_CLAUSES}. */
export type ToolClauseId = keyof typeof TOOL_CLAUSES

function clause(concerns: ToolClause['concerns'], title: string): ToolClause {
  return { title, concerns }
}
