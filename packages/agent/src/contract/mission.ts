/** What people want done. */
export interface Mission {
  readonly id: string
  readonly name: string
  readonly objective: string
  readonly goals: readonly string[]
  /** As it was written, in lower case: `active` when nothing was said. */
  readonly status: string
  readonly deliverable: MissionDeliverable | undefined
  readonly tasks: readonly MissionTask[]
  readonly materials: readonly MaterialReference[]
  /** What else was said of it, in words; an object of the file is told line by line. */
  readonly context: string
  readonly activatedAt: string | undefined
  readonly completedAt: string | undefined
  /** Directory that relative paths count from, absolute. */
  readonly directory: string
}

/** What a mission is to leave behind. */
export interface MissionDeliverable {
  readonly location: string
  /** Files that have to be there. */
  readonly requiredCount: number
}

/** A part of a mission. */
export interface MissionTask {
  readonly description: string
  readonly status: string
}

/** Something to be read for a mission: a file, or a text that stands in the mission itself. */
export type MaterialReference =
  | { readonly name: string; readonly path: string }
  | { readonly name: string; readonly content: string }

/** A material as far as it is shown to a model. Untrusted text. */
export interface StudyMaterial {
  readonly name: string
  readonly text: string
  /** Whether something was left out in its middle. */
  readonly shortened: boolean
}
