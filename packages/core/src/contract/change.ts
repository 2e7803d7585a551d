import type { DeviceUseKind } from './inventory.js'

/** A condition on the host that can be read back without side effects. */
export type Condition =
  | { readonly kind: 'equals'; readonly path: string; readonly value: string }
  | { readonly kind: 'contains'; readonly path: string; readonly value: string }
  /** The opposite of `contains`; holds also when there is no such file. Of a directory: none of the files in it contains it. */
  | { readonly kind: 'lacks'; readonly path: string; readonly value: string }
  /** The list of CPUs in this file (`0-3,8`) names none but these: what else sets it may choose among them. */
  | { readonly kind: 'within'; readonly path: string; readonly value: string }
  | { readonly kind: 'linksTo'; readonly path: string; readonly target: string }
  | { readonly kind: 'exists'; readonly path: string }
  | { readonly kind: 'absent'; readonly path: string }
  /** The regular file (links followed, at most 1 GiB) has these bytes: SHA-256, lower-case hex. For the program that an undo runs. */
  | { readonly kind: 'sha256'; readonly path: string; readonly value: string }
  /**
   * The kernel command line in this file gives the parameter this value: of several words the last one counts. `''`: it
   * is a bare word; `null`: it is not there. With `after`, only words behind one of these count, up to the next of them, and of
   * several the first.
   * With `among`, values are comma lists, and of these members the last one counts (`on` of `on,igfx_off`). With `lines`, the
   * file holds several command lines, each behind this word of a line (`linux` of GRUB's menu, `options` of an entry,
   * `kernelopts=` of GRUB's environment), and one of them has to meet the condition; for `null`, the first: behind it come those
   * of other systems. Several lines `options` are one. `null` with `among`: no word has one of these members.
   */
  | {
      readonly kind: 'parameter'
      readonly path: string
      readonly name: string
      readonly value: string | null
      readonly after?: { readonly names: readonly string[]; readonly values: readonly string[] }
      readonly among?: readonly string[]
      readonly lines?: 'linux' | 'options' | 'kernelopts'
    }
  /**
   * The initramfs (archives in the "newc" format, the last of them compressed) has a member of this name, without a
   * leading slash, with these bytes (SHA-256, lower-case hex); without `sha256` any, and with `absent` it has none.
   */
  | {
      readonly kind: 'archive-member'
      readonly path: string
      readonly member: string
      readonly sha256?: string
      readonly absent?: boolean
    }
  /**
   * No process holds this device node open (by device number, across mount namespaces); holds also when it does not exist.
   * `/dev/char/<major>:<minor>` and `/dev/block/<major>:<minor>` mean that number, whether there is such a node here or not.
   */
  | { readonly kind: 'unheld'; readonly path: string }
  /**
   * The host makes no blocking use of these kinds of the PCI function at `/sys/bus/pci/devices/<address>`: read again when
   * it counts. A virtual machine that uses one of its virtual functions counts as one that uses the function; with
   * `functionUses` these kinds of uses of its virtual functions count too, for what takes the functions away.
   */
  | {
      readonly kind: 'unused'
      readonly path: string
      readonly uses: readonly DeviceUseKind[]
      readonly functionUses?: readonly DeviceUseKind[]
    }

/** Something that undoing will not bring back; needs its own `--accept <id>` before an apply. */
export interface Loss {
  /** Kebab-case name the human accepts: `network-addresses`. */
  readonly id: string
  readonly summary: string
}

/** A failure that is part of the plan: recorded as skipped, the step's undo dropped. */
export interface ExpectedFailure {
  /** errno names (`EIO`) that count. */
  readonly errors: readonly string[]
  readonly because: string
}

/** Bytes of a file: as text, as base64, or as an object of the saved-bytes store named by its SHA-256 (undo only). */
export type FileContent = { readonly text: string } | { readonly base64: string } | { readonly saved: string }

/** What a file was found to be when the plan was made. */
export interface FileState {
  /** SHA-256 of the bytes, lower-case hex. */
  readonly sha256: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

/** What every change says besides its action. */
export interface ChangeCommon {
  /** One line for the human. */
  readonly why: string
  /** Conditions that must hold right before the change; otherwise the transaction stops with a stale-plan error. */
  readonly expect?: readonly Condition[]
  /** Conditions polled after the change until they hold or the deadline passes. */
  readonly verify?: readonly Condition[]
  /** Milliseconds that `verify` is polled for, at most 86 400 000. Default: the deadline of the engine. For what is waited for: until nobody holds it. */
  readonly verifyWithin?: number
  /** Conditions that hold once the machine has been booted again, for what only a boot brings into effect; `status` says until then that a reboot is pending. */
  readonly afterBoot?: readonly Condition[]
  /** In an undo: the change is not needed when these hold already. Default: its `verify`. */
  readonly unless?: readonly Condition[]
  /** In an undo: where one of these does not hold the change is left, and the report says which. What it would take away is still needed. */
  readonly onlyWhen?: readonly Condition[]
  readonly scope: 'runtime' | 'persistent'
  readonly irreversible?: readonly Loss[]
  readonly mayFail?: ExpectedFailure
  /**
   * One line: what only the kernel will show once the step has run (virtual functions, a freed console). In a profile a
   * module that cannot be planned without it waits until then.
   */
  readonly reveals?: string
}

/** Writes one value to an attribute of a kernel pseudo file system. */
export interface WriteAttribute extends ChangeCommon {
  readonly kind: 'write-attribute'
  readonly path: string
  /** The value the plan expects to find, without its trailing newline; absent for a write-only attribute. */
  readonly from?: string
  /**
   * Something else sets this attribute, too, to a value that nobody can foresee: the kernel when an earlier change of the
   * same list is made, or a program that runs (irqbalance). What is found there is not compared. Such a change has no
   * `from` and states its undo.
   */
  readonly fromMayDiffer?: boolean
  /** What is written. Never empty: the kernel ignores an empty write; `\n` clears. */
  readonly value: string
  /** A number of which the kernel may silently grant a part (hugepages): whatever lies between `from` and `value` is this step's own. */
  readonly mayGrantLess?: boolean
  /** Milliseconds that the kernel may need for it beyond the engine's deadline: taking many processors offline. */
  readonly timeout?: number
}

/** Creates or replaces a regular file, atomically. */
export interface WriteFile extends ChangeCommon {
  readonly kind: 'write-file'
  readonly path: string
  readonly content: FileContent
  readonly mode: number
  readonly owner?: { readonly uid: number; readonly gid: number }
  /** The file as the plan found it, `null` when there was none. Filled in when the plan is made. */
  readonly from?: FileState | null
}

/** Creates or replaces a symbolic link, atomically. */
export interface WriteLink extends ChangeCommon {
  readonly kind: 'write-link'
  readonly path: string
  readonly target: string
  /** The link as the plan found it, `null` when there was none. Filled in when the plan is made. */
  readonly from?: string | null
}

/** Removes a regular file or symbolic link. */
export interface RemoveFile extends ChangeCommon {
  readonly kind: 'remove-file'
  readonly path: string
  readonly from?: FileState | { readonly link: string }
}

/** Creates one directory. */
export interface CreateDirectory extends ChangeCommon {
  readonly kind: 'create-directory'
  readonly path: string
  readonly mode: number
  readonly owner?: { readonly uid: number; readonly gid: number }
}

/** Removes one empty directory. */
export interface RemoveDirectory extends ChangeCommon {
  readonly kind: 'remove-directory'
  readonly path: string
  /** Mode it had, for the undo. Filled in when the plan is made. */
  readonly mode: number
  readonly owner?: { readonly uid: number; readonly gid: number }
  /**
   * Of a cgroup: tasks that are in it by then go to this cgroup first. They came there by being started by tasks that were
   * moved into it, the process that undoes among them.
   */
  readonly tasksTo?: string
}

/** Loads a kernel module and what it depends on. */
export interface LoadKernelModule extends ChangeCommon {
  readonly kind: 'load-kernel-module'
  readonly name: string
  readonly parameters?: Readonly<Record<string, string>>
}

/** Unloads a kernel module; in an undo only when the load was ours and nothing uses it. */
export interface UnloadKernelModule extends ChangeCommon {
  readonly kind: 'unload-kernel-module'
  readonly name: string
  /** Parameters to load it with again. */
  readonly parameters?: Readonly<Record<string, string>>
}

/** Runs a program. */
export interface RunCommand extends ChangeCommon {
  readonly kind: 'run-command'
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  /** Milliseconds. */
  readonly timeout: number
  /** Files the command rewrites: saved before it runs, put back by its undo. */
  readonly outputs?: readonly string[]
  /**
   * True when it makes its outputs anew from other files and from nothing else: a menu of its settings, an image. Where somebody
   * has rewritten an output since, an undo does not put the saved one back but runs the command again, once those files are back
   * and unless its `unless` holds: what it was for may be gone.
   */
  readonly regenerates?: boolean
  /** True when nobody can say what it will do: a dry-run then says so. */
  readonly opaque?: boolean
}

/** One change without its undo: what an undo list is made of. */
export type UndoChange =
  | WriteAttribute
  | WriteFile
  | WriteLink
  | RemoveFile
  | CreateDirectory
  | RemoveDirectory
  | LoadKernelModule
  | UnloadKernelModule
  | RunCommand

/** How a change is undone: an ordered list of changes, or `none` with the reason. */
export type Undo = readonly UndoChange[] | { readonly none: string }

/** What a module returns: a change whose undo may be left to core (derived when the plan is made). */
export type Change = UndoChange & { readonly undo?: Undo }

/** A change in a plan: its undo is fixed. In the plan of a profile it names the module that asked for it. */
export type PlannedChange = UndoChange & { readonly undo: Undo; readonly module?: string }

/** The closed set of change kinds. */
export type ChangeKind = UndoChange['kind']
