/**
 * The unique keys that keep rewards single, in the database itself, whatever the rules saw.
 */

/** One report earns once: cash or points, never both (L7, L9). */
export const earnClaimKey = (report: string): string => `earn/${report}`

/** One cash award for one incident (L8). */
export const cashClaimKey = (incident: string): string => `cash/${incident}`
