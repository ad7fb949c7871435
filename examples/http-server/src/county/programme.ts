/** The division code of a county that does not exist: 99 is no province. */
export const programme = "990101"
