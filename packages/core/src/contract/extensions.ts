import type { Diagnostic } from './diagnostic.js'
import type { Manifest } from './manifest.js'

/** What a package brings, by its manifest. */
export interface PackageContents {
  readonly modules: readonly Pick<Manifest['modules'][number], 'id' | 'type'>[]
  /** Names of the commands that it adds to `janus`. */
  readonly commands: readonly string[]
  /** Names of the checks that it adds to `janus doctor`; absent when there are none. */
  readonly checks?: readonly string[]
  /** Names of the tools that it brings for an agent; absent when there are none. */
  readonly tools?: readonly string[]
}

/** A package of a registry, or in a directory, before it is installed. */
export interface ExtensionPreview {
  /** What npm is given: `name@version`, or the path of a directory. */
  readonly spec: string
  readonly name: string
  readonly version: string
  readonly description?: string
  /** Digest that the registry states (Subresource Integrity); absent for a directory. */
  readonly integrity?: string
  /** Where the archive lies, as the registry says: scheme, host and port; absent for a directory. */
  readonly registry?: string
  readonly brings: PackageContents
  /** Version that is installed now. */
  readonly installed?: string
}

/** A package that the user installed. */
export interface Extension {
  readonly name: string
  readonly version: string
  readonly trusted: boolean
  readonly integrity?: string
  readonly brings: PackageContents
  /** Why its modules are blocked. */
  readonly diagnostics: readonly Diagnostic[]
}

/** A package or file as it was pinned, or as it is. */
export interface PinnedState {
  readonly version: string
  readonly integrity?: string
  /** `sha256-` and the digest over its files, base64. */
  readonly files: string
  readonly brings: PackageContents
}

/** What somebody reads before trusting a package, or a file that is a module. */
export interface TrustReview {
  /** Package name, or path. */
  readonly name: string
  readonly path: string
  /** True for a program that lies somewhere: it is asked in the sandbox also when it is trusted. */
  readonly isProgram?: boolean
  readonly now: PinnedState
  /** What was agreed to earlier, when it was. */
  readonly pinned?: PinnedState & { readonly trusted: boolean }
  /** What differs from the pin, one line each; empty when nothing does. */
  readonly changes: readonly string[]
}

/**
 * The packages that a user installed, in a directory of their own (`$XDG_DATA_HOME/janus/extensions`), and the file that
 * pins what was agreed to (`janus.lock.json` in it). None of their code runs here.
 */
export interface Extensions {
  readonly directory: string
  /** Rejects with JANUS_LOCK_INVALID. */
  list(): Promise<readonly Extension[]>
  /** One of them, by the name of the package or the id of one of its modules. */
  find(name: string): Promise<Extension | undefined>
  /**
   * Asks the registry what a package is and brings; nothing is installed.
   * @param spec `name`, `name@range`, `name@tag`, or the path of a directory
   * @throws JANUS_USAGE for another kind of spec, JANUS_PACKAGE_NOT_FOUND, JANUS_PACKAGE_MANAGER_FAILED,
   * JANUS_MODULE_MANIFEST_INVALID or JANUS_MODULE_API_UNSUPPORTED when it brings nothing that runs here
   */
  preview(spec: string): Promise<ExtensionPreview>
  /**
   * Installs exactly what was shown, without running its install scripts, and pins it as not trusted.
   * @throws JANUS_MODULE_INTEGRITY when something else came, which is taken away again; JANUS_PACKAGE_MANAGER_FAILED
   */
  add(preview: ExtensionPreview, settings?: { readonly signal?: AbortSignal }): Promise<Extension>
  /**
   * Takes a package away, and its pin.
   * @param name of the package, or the id of one of its modules
   * @throws JANUS_PACKAGE_NOT_FOUND, JANUS_PACKAGE_MANAGER_FAILED
   */
  remove(name: string): Promise<Extension>
  /**
   * Says what trusting a module would agree to.
   * @param module id of a module, or name of a package
   * @throws JANUS_MODULE_NOT_FOUND; JANUS_USAGE for what is trusted anyway
   */
  reviewTrust(module: string): Promise<TrustReview>
  /**
   * Pins what was reviewed as trusted: its modules run in this process, and may propose what root runs.
   * @throws JANUS_MODULE_INTEGRITY when it has changed since the review
   */
  trust(review: TrustReview): Promise<void>
}
