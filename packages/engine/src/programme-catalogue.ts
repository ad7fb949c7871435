/**
 * The catalogue of a county's programme: core's streams, core's commands, core's way to perform one.
 */
import { checks } from "@yingshao/core/checks"
import { type Command, commands, perform } from "@yingshao/core/commands"
import { streams } from "@yingshao/core/streams"
import type { Catalogue, StateCheck } from "./catalogue.ts"

export const programmeCatalogue: Catalogue = {
  streams,
  commands,
  // Each check takes the state of its own kind, and is given no other.
  checks: checks as unknown as Readonly<Record<string, StateCheck>>,
  // The engine has parsed the payload with this command's own schema.
  perform: (command, context) => perform(command as Command, context),
}
