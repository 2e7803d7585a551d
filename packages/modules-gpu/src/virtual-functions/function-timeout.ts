/** Some drivers need a second and more for each function (mlx5). */
const FUNCTION_TIMEOUT = 2_000
const MOST_MILLISECONDS = 86_400_000

/** Milliseconds beyond the deadline of a step that the kernel gets for turning so many virtual functions on or off. */
export function functionTimeout(functions: number): number {
  return Math.min(FUNCTION_TIMEOUT * functions, MOST_MILLISECONDS)
}
