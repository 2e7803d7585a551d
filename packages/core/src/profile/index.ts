export { createProfiles, type Profiles, type ProfilesSettings } from './profiles.js'
