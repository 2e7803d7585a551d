export type { BootLoader, BootLoaderKind } from './command-line/boot-loader.js'
export { commandLineChanges } from './command-line/command-line-changes.js'
export { type AskedParameter, type CommandLineRequest, parameterWords } from './command-line/command-line-request.js'
export {
  type ConfiguredCommandLine,
  type ConfiguredLine,
  readConfiguredCommandLine,
} from './command-line/configured-command-line.js'
export { findBootLoader } from './command-line/find-boot-loader.js'
export {
  INITRAMFS_TOOLS,
  type InitramfsImage,
  type InitramfsTool,
  type InitramfsToolName,
  type NamedConfiguration,
  readInitramfsTool,
} from './initramfs/initramfs-tool.js'
export {
  type ImageMember,
  type InitramfsRebuild,
  rebuildInitramfsChanges,
} from './initramfs/rebuild-initramfs-changes.js'
