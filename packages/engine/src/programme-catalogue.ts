/**
 * The catalogue of a county's programme: core's streams, core's commands, core's way to perform one.
 */
import { type Command, commands, perform } from "@yingshao/core/commands"
import { streams } from "@yingshao/core/streams"
import type { Catalogue } from "./catalogue.ts"

export const programmeCatalogue: Catalogue = {
  streams,
  commands,
  // The engine has parsed the payload with this command's own schema.
  perform: (command, context) => perform(command as Command, context),
}
