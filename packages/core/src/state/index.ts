export { errnoOf } from './errno-of.js'
export {
  type FileOperations,
  fsyncDirectory,
  systemFileOperations,
  unsyncedFileOperations,
  writeAll,
} from './file-operations.js'
export { acquireHostLock, type HostLock, type HostLockOptions, type LockHolder } from './host-lock.js'
export { type OpenOwnFileOptions, type OwnFile, openOwnFile } from './open-own-file.js'
export {
  inspectStateDirectory,
  type PrepareStateDirectoryOptions,
  prepareStateDirectory,
  STATE_DIRECTORY_MODE,
} from './prepare-state-directory.js'
export { isProcessAlive, parseProcessStat, readProcessIdentity } from './process-identity.js'
export { type FileSystemSources, requireLocalFileSystem } from './require-local-file-system.js'
export { createSavedBytes, type SavedBytes } from './saved-bytes.js'
export {
  type Environment,
  MACHINE_STATE_DIRECTORY,
  stateDirectory,
  type UserDirectories,
  userDirectories,
} from './state-directory.js'
export { requireTrustedPath, type TrustedPath } from './trusted-path.js'
export { tryLock } from './try-lock.js'
export { type WriteFileDurablyOptions, writeFileDurably } from './write-file-durably.js'
