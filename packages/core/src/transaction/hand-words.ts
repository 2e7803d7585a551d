/** The first line of a hand, before it takes orders: from then on a deadline measures the kernel, not the start of node. */
export const HAND_READY = 'ready\n'

/** In place of an errno: the hand was given up before it could be given this order. */
export const HAND_SPENT = 'ESPENT'
