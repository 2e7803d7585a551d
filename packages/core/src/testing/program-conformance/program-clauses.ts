/** A clause of the command mode: what must hold, and whether it is about bash only. */
export interface ProgramClause {
  readonly title: string
  readonly bashOnly: boolean
}

/**
 * The clauses that the conformance suite tries on a module that is a program, by id. An id never changes its meaning;
 * `docs/module-api-v1.md` has a line for each.
 */
export const PROGRAM_CLAUSES = {
  'program-metadata': clause('states its id, type, version and API version in the right form'),
  'program-meta': clause('meta prints the same metadata and ends with 0'),
  'program-usage': clause('an action it does not know gives a usage text and ends with 1'),
  'program-check-changes-nothing': clause('check changes nothing'),
  'program-check-answers-anywhere': clause('check ends with 0 or 1 also on a machine that shows nothing'),
  'program-exit-codes': clause('check ends with 0 or 1; apply and rollback end with 0 where they can do their work'),
  'program-apply-refuses': clause('apply ends with 1 and changes nothing where it must refuse'),
  'program-apply-twice': clause('apply a second time ends with 0 and changes nothing'),
  'program-failure-told': clause('apply does not end with 0 when what it writes cannot be written'),
  'program-rollback-restores': clause('apply and rollback leave the machine as it was'),
  'program-rollback-without-apply': clause('rollback without apply ends with 0 and changes nothing'),
  'program-log-lines': clause('whatever it prints is a line of the log'),
  'program-no-colour': clause('it prints no colours and no control characters when asked not to'),
  'program-no-waiting': clause('no action waits for input'),
  'program-no-litter': clause('it leaves nothing in temporary and home directories'),
  'program-path-with-spaces': clause('it runs from a folder with spaces in its name'),
  'bash-functions': bashClause('sourcing it defines janus_module_check, _apply and _rollback'),
  'bash-source-silent': bashClause('sourcing it prints nothing, changes nothing and comes back'),
  'bash-shell-options': bashClause('sourcing it leaves shell options, traps, umask, IFS and the directory alone'),
  'bash-names': bashClause('sourcing it defines only names of its own: those with its id in front'),
  'bash-modes-agree': bashClause('sourced and executed, each action ends alike and leaves the same machine'),
} as const satisfies Record<string, ProgramClause>

/** Id of one of {@link PROGRAM_CLAUSES}. */
export type ProgramClauseId = keyof typeof PROGRAM_CLAUSES

/** Id and title of a case. @param on what the clause is tried on */
export function programTitled(
  id: ProgramClauseId,
  on?: string,
): { readonly id: ProgramClauseId; readonly title: string } {
  const { title } = PROGRAM_CLAUSES[id]
  return { id, title: on === undefined ? title : `${title}: ${on}` }
}

function clause(title: string): ProgramClause {
  return { title, bashOnly: false }
}

function bashClause(title: string): ProgramClause {
  return { title, bashOnly: true }
}
