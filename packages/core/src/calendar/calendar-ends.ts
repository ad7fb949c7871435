/**
 * The calendar does not reach that far.
 *
 * Thrown and never guessed around: next year's holidays are published late in the year before, and a due
 * time counted without them would be wrong by days. The county adds the year (`AddCalendarYear`) and asks
 * again. Compare `_tag`, not the class.
 */
export class CalendarEnds extends Error {
  readonly _tag = "CalendarEnds"
  /** The first civil year that was needed and is not covered. */
  readonly year: number
  constructor(year: number) {
    super(`the working calendar does not cover ${year}: add the holidays of that year`)
    this.name = "CalendarEnds"
    this.year = year
  }
}
