/** What the supervisor says when it watches. */
export const SUPERVISOR_READY = 'ready\n'
