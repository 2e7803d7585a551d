/** One entry of the error catalogue. */
export interface ErrorCode {
  /** What the code means, one sentence. */
  readonly meaning: string
  /** What the reader can do, unless the thrower knows better. */
  readonly remedy: string
  /** Exit code of a command that ends with it. */
  readonly exitCode: ExitCode
}

/** 0 success, 1 expected failure, 2 internal, 3 module not loadable, 4 rollback incomplete, 5 busy, 75 another daemon runs, 124 timeout, 130/143 signals. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 75 | 124 | 130 | 143

/**
 * Every error code of Janus, declared once. `docs/errors.md` is written from it. A retired code is listed there
 * and never used again.
 */
export const ERROR_CODES = {
  JANUS_INTERNAL: entry(
    'Janus met a state it believed impossible.',
    'Please report it with the output of `janus check --json`.',
    2,
  ),
  JANUS_USAGE: entry('The command line or the call does not make sense.', 'See `janus help <command>`.', 1),
  JANUS_ABORTED: entry('The work was cancelled by its caller.', 'Run it again when you are ready.', 1),
  JANUS_CONFIRMATION_REQUIRED: entry(
    'A change needs a yes, and nobody could be asked.',
    'Read the plan, then pass --yes.',
    1,
  ),
  JANUS_DECLINED: entry('The change was declined; nothing was done.', 'Run the command again to be asked again.', 1),
  JANUS_NOT_ROOT: entry('Changing this machine needs root.', 'Run the command with sudo.', 1),
  JANUS_PCI_ADDRESS_INVALID: entry(
    'The text is not a PCI address.',
    'Use domain:bus:device.function, e.g. 0000:03:00.0.',
    1,
  ),
  JANUS_DEVICE_NOT_FOUND: entry('No such PCI device on the host.', 'List the devices with `janus bind --list`.', 1),
  JANUS_DEVICE_REFUSED: entry(
    'The device must not be bound: the message names the evidence.',
    'Resolve the cause, or pass the option it names if there is one.',
    1,
  ),
  JANUS_OPTIONS_INVALID: entry(
    'The options of a module do not fit its schema.',
    'Correct the option that the message names.',
    1,
  ),
  JANUS_HOST_UNREADABLE: entry(
    'Something that must be known about the host cannot be read.',
    'Check the path and the permissions the message names.',
    1,
  ),
  JANUS_HOST_UNFIT: entry(
    'The host cannot do what was asked.',
    'Ask for what the host has, or change the host: the message says what is missing.',
    1,
  ),
  JANUS_HOST_LACKS_FEATURE: entry(
    'The host has no such feature: its processor, its kernel or what it runs in does not offer it.',
    'Leave the module or the option out on this host, or give the host the feature: the message says what is missing.',
    1,
  ),
  JANUS_SNAPSHOT_INVALID: entry(
    'The file is not a snapshot that Janus can read.',
    'Capture one with `janus snapshot --out <file>`.',
    1,
  ),
  JANUS_PLAN_INVALID: entry(
    'The plan is malformed, or its digest does not fit its content.',
    'Make the plan again.',
    1,
  ),
  JANUS_PLAN_STALE: entry(
    'The host is no longer what the plan was made for.',
    'Make the plan again and read what changed.',
    1,
  ),
  JANUS_CHANGE_REFUSED: entry('A change is not one that Janus carries out.', 'Correct the module that returned it.', 1),
  JANUS_LOSS_NOT_ACCEPTED: entry(
    'The plan loses something that undoing will not bring back.',
    'Read it, then pass --accept <loss> for each.',
    1,
  ),
  JANUS_STEP_FAILED: entry(
    'A step of the transaction failed; what was done has been undone.',
    'Remove the cause that the message names, then apply it again; the host is as it was before.',
    1,
  ),
  JANUS_VERIFY_FAILED: entry(
    'A step was performed but the host does not show its effect; it has been undone.',
    'See in the log of the kernel (`dmesg`) why the condition that the message names does not hold, then apply it again.',
    1,
  ),
  JANUS_STEP_TIMEOUT: entry(
    'The kernel did not answer a step within its deadline.',
    'End what holds the device, then run `janus recover`.',
    124,
  ),
  JANUS_ROLLBACK_INCOMPLETE: entry(
    'Not everything could be undone; the message lists what was left.',
    'Resolve what it names, then run `janus recover` or `janus rollback` again.',
    4,
  ),
  JANUS_ROLLBACK_BLOCKED: entry(
    'A later transaction touched the same path or device.',
    'Roll that one back first, or pass --cascade.',
    1,
  ),
  JANUS_TRANSACTION_NOT_FOUND: entry(
    'The journal knows no such transaction, or none that can be rolled back.',
    'List them with `janus history`.',
    1,
  ),
  JANUS_RECOVERY_NEEDED: entry('An earlier transaction was interrupted.', 'Run `janus recover` first.', 1),
  JANUS_STATE_LOCKED: entry('Another Janus is changing this host.', 'Wait for it; the message names its process.', 5),
  JANUS_STATE_DENIED: entry('You may not read or write the state of Janus.', 'Run the command with sudo.', 1),
  JANUS_STATE_UNSAFE: entry(
    'A part of the state path could be replaced by another user.',
    'Correct the owner or mode the message names.',
    1,
  ),
  JANUS_STATE_REMOTE: entry(
    'The state directory lies on a file system that other machines write too, where no lock can be trusted.',
    'Choose a state directory on a disk of this machine.',
    1,
  ),
  JANUS_STATE_WRITE_FAILED: entry(
    'The state of Janus could not be written.',
    'Free space, repair the disk, or make room at the path that the message names.',
    2,
  ),
  JANUS_LEDGER_DAMAGED: entry(
    'A ledger, such as the journal, is damaged elsewhere than at its unfinished end.',
    'Keep the file, and put a copy in its place. A journal without a copy can be moved away: what it tells can then not be rolled back.',
    2,
  ),
  JANUS_LEDGER_WRITE_FAILED: entry(
    'A ledger, such as the journal, could not be written; no further step was started.',
    'Free space or repair the disk, then run `janus recover`.',
    2,
  ),
  JANUS_LEDGER_CONFLICT: entry(
    'The ledger has gone on since it was read; nothing was appended.',
    'Read what was appended since, decide again, and repeat the call.',
    1,
  ),
  JANUS_NOTE_KEY_INVALID: entry(
    'A key for signing or verifying notes is malformed.',
    'Use the text of the key as it was printed when the key was made.',
    1,
  ),
  JANUS_NOTE_INVALID: entry(
    'A signed note, such as a checkpoint of a ledger, is malformed or not signed by a key that is trusted.',
    'Compare it with a copy kept elsewhere; the message says what is wrong.',
    1,
  ),
  JANUS_SAVED_BYTES_MISSING: entry(
    'Saved bytes that an undo needs are missing or altered.',
    'Restore the file the message names from a backup.',
    4,
  ),
  JANUS_MODULE_NOT_FOUND: entry('No enabled module has this name.', 'List them with `janus module list`.', 3),
  JANUS_MODULE_MANIFEST_INVALID: entry(
    'The janus field of a package.json is malformed.',
    'Report it to the authors of the package.',
    3,
  ),
  JANUS_MODULE_API_UNSUPPORTED: entry(
    'The module speaks a Module API this core does not.',
    'Install versions of Janus and of the module that fit: see docs/compatibility.md.',
    3,
  ),
  JANUS_MODULE_ENTRY_OUTSIDE_PACKAGE: entry(
    'The entry of a module lies outside of its package.',
    'Report it to the authors of the package.',
    3,
  ),
  JANUS_MODULE_IMPORT_FAILED: entry(
    'The code of a module could not be imported.',
    'Read the cause; report it to the authors of the package.',
    3,
  ),
  JANUS_MODULE_SHAPE_INVALID: entry('What a module exports is not a module.', 'Export what defineModule returns.', 3),
  JANUS_MODULE_METADATA_INVALID: entry(
    'What a program states about itself is missing, computed or malformed.',
    'Write the four values as docs/command-modules.md shows.',
    3,
  ),
  JANUS_MODULE_VERSION_DRIFT: entry(
    'A module states another version than its package.',
    'Report it to the authors of the package.',
    3,
  ),
  JANUS_MODULE_ID_DUPLICATE: entry(
    'Two enabled modules have the same name; both are blocked.',
    'Remove one of the two paths the message names.',
    3,
  ),
  JANUS_MODULE_KIND_UNSUPPORTED: entry(
    'The module is of a kind that this version of Janus does not run.',
    'Install a version of Janus that runs it.',
    3,
  ),
  JANUS_MODULE_NOT_ENABLED: entry(
    'A module was found, but nobody named it.',
    'Name its package: --module, or the modules of a configuration file.',
    3,
  ),
  JANUS_MODULE_PATH_UNSAFE: entry(
    'Run as root, a file could be replaced by another user.',
    'Correct the owner or mode the message names.',
    3,
  ),
  JANUS_MODULE_INTEGRITY: entry(
    'The files of a package are not those that were agreed to.',
    'Read what changed with `janus module trust <module>`, or install it again.',
    3,
  ),
  JANUS_MODULE_UNTRUSTED: entry(
    'Something that only a trusted module may do was asked of one that is not.',
    'Read its code, then run `janus module trust <module>`.',
    1,
  ),
  JANUS_LOCK_INVALID: entry(
    'The file that pins the packages of a user is malformed.',
    'Correct the field that the message names, or move the file away and trust the packages again.',
    3,
  ),
  JANUS_CONFIG_INVALID: entry('A configuration file is malformed.', 'Correct the field that the message names.', 1),
  JANUS_COMMAND_NOT_FOUND: entry('No package adds such a command.', 'See `janus help`.', 1),
  JANUS_PACKAGE_NOT_FOUND: entry('There is no such package.', 'Check its name and version.', 1),
  JANUS_PACKAGE_MANAGER_FAILED: entry(
    'npm could not do what it was asked.',
    'Resolve what npm printed, then run the command again.',
    1,
  ),
  JANUS_CORE_DUPLICATED: entry(
    'More than one copy of @janus/core is loaded.',
    'Install one version for all: `npm dedupe`. Modules of another copy still work.',
    3,
  ),
  JANUS_PNP_UNSUPPORTED: entry(
    "The project uses Yarn Plug'n'Play, whose packages plain node cannot see.",
    'Run it through Yarn: `yarn janus`, or `yarn dlx`.',
    3,
  ),
  JANUS_MODULE_CRASHED: entry(
    'A module threw instead of answering, or its findings are malformed.',
    'Report it to the authors of the package.',
    2,
  ),
  JANUS_MODULE_TIMEOUT: entry(
    'A module did not answer within its deadline.',
    'Report it to the authors of the package.',
    124,
  ),
  JANUS_MODULE_ANSWER_INVALID: entry(
    'What a module answered is not what the Module API asks for, or too much.',
    'Report it to the authors of the package.',
    2,
  ),
  JANUS_MODULE_CHECK_ONLY: entry('The module only checks; it has nothing to apply.', 'Run `janus check <module>`.', 1),
  JANUS_SANDBOX_UNAVAILABLE: entry(
    'Code that is not trusted cannot be run, because no sandbox can be set up here.',
    'Install bubblewrap 0.8 or newer; the message names the cause.',
    3,
  ),
  JANUS_SANDBOX_BIND_REFUSED: entry(
    'A sandbox would have been shown what it must not see.',
    'Move the package to a directory of its own.',
    3,
  ),
  JANUS_EXECUTOR_NOT_FOUND: entry('A program was not found.', 'Install the package that brings it.', 1),
  JANUS_EXECUTOR_SPAWN_FAILED: entry(
    'A program could not be started.',
    'Remove the cause that the message names, such as a missing permission.',
    2,
  ),
  JANUS_EXECUTOR_CANCELLED: entry(
    'A program was ended because its caller cancelled.',
    'Run it again when you are ready.',
    1,
  ),
  JANUS_EXECUTOR_UNSCRIPTED: entry(
    'A scripted executor was asked for a call it was not told about.',
    'Add the call to the script.',
    2,
  ),
  JANUS_FILE_INVALID: entry(
    'A file given on the command line cannot be read or written.',
    'Check the path the message names.',
    1,
  ),
} as const satisfies Record<string, ErrorCode>

/** Code of a {@link JanusError}. */
export type JanusErrorCode = keyof typeof ERROR_CODES

function entry(meaning: string, remedy: string, exitCode: ExitCode): ErrorCode {
  return { meaning, remedy, exitCode }
}
