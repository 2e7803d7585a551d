import type { Sandbox } from '../../sandbox/index.js'
import type { HostTree } from '../contract-suites/host-suite.js'

/** A machine to try a program on. */
export interface ProgramFixture {
  readonly title: string
  /**
   * What lies on it, by absolute path, below /boot, /etc, /home, /mnt, /opt, /root, /run, /srv, /sys, /var or
   * /usr/local/sbin (programs that stand in for others: they come first on PATH). A file in /proc covers one of the kernel's.
   */
  readonly files: HostTree
  /** Options as people write them. */
  readonly options?: Readonly<Record<string, unknown>>
  /** Apply must refuse here, with the exit code 1. */
  readonly refuses?: boolean
}

/** A module that is a program. */
export interface ProgramSubject {
  /** Path of the program, absolute. A file that ends in `.sh` is sourced too. */
  readonly file: string
  /**
   * Directory that is handed over with it, absolute; it is copied. Default: for a file in a folder `modules` that folder
   * and the `lib` beside it, otherwise the file alone.
   */
  readonly directory?: string
  /** What its manifest says of it, for a program that does not state it in its text. */
  readonly stated?: { readonly id: string; readonly type: string; readonly version: string }
  readonly fixtures: readonly ProgramFixture[]
  /** Milliseconds that one action may take. Default 20 000. */
  readonly deadline?: number
}

/** A program with the sandbox that its machines are made with, tried once for all of them. */
export interface TestedProgram extends ProgramSubject {
  readonly sandbox: Sandbox
}

/** True for a program that bash can source. */
export function isBash(file: string): boolean {
  return file.endsWith('.sh')
}
