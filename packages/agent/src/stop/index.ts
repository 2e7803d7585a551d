export { type Archive, type ArchiveOptions, archivePlaces, archiveState } from './archive-state.js'
