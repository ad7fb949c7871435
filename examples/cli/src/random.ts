/**
 * Chance without chance: numbers that follow from a seed and a name, the same on every run and machine.
 *
 * Each question has its own name (`"report/12/late"`), so that asking one thing more changes no other answer.
 */
import { hash } from "node:crypto"

/** SHA-256 of a text in hex. */
export const digestOf = (text: string): string => hash("sha256", text, "hex")

export interface Chance {
  /** 0 up to 1. */
  fraction(name: string): number
  /** A whole number from `least` to `most`. */
  whole(name: string, least: number, most: number): number
  /** True with this probability. */
  happens(name: string, probability: number): boolean
  pick<T>(name: string, from: readonly [T, ...T[]]): T
}

/** @example chanceOf("1").whole("report/3/minute", 0, 59) // => the same number for ever */
export const chanceOf = (seed: string): Chance => {
  const fraction = (name: string) => mixed(`${seed}\n${name}`)
  const whole = (name: string, least: number, most: number) =>
    least + Math.floor(fraction(name) * (most - least + 1))
  return {
    fraction,
    whole,
    happens: (name, probability) => fraction(name) < probability,
    pick: (name, from) => from[whole(name, 0, from.length - 1)] ?? from[0],
  }
}

// internal

/** FNV-1a and a finisher: 53 bits are not needed to choose a minute. */
const mixed = (text: string): number => {
  let state = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) state = Math.imul(state ^ text.charCodeAt(at), 0x01000193)
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35)
  return ((state ^ (state >>> 16)) >>> 0) / 4_294_967_296
}
