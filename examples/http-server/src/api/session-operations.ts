/**
 * Signing in for programs: the same names, limits and answers as the form has.
 */
import * as z from "zod"
import { bearerOf, type Desk } from "../session/identify.ts"
import { type CheckSignIn, credentials, wrong } from "../session/sign-in.ts"
import { type Operation, operation } from "./operation.ts"
import { heldRole } from "./views.ts"

export const sessionOperations = (desk: Desk, check: CheckSignIn): readonly Operation[] => {
  return [
    operation({
      id: "signIn",
      method: "post",
      path: "/session",
      tag: "session",
      summary: "Sign in: a token for the header Authorization, valid for half an hour without use",
      access: "anybody",
      body: credentials,
      status: 201,
      answer: z.object({ token: z.string(), person: z.string() }),
      run: async ({ body, c }) => {
        const account = await check(c, body)
        if (account === undefined) throw wrong()
        return {
          status: 201,
          body: { token: desk.sessions.start(account.account), person: account.person },
          headers: { "Cache-Control": "no-store" },
        }
      },
    }),
    operation({
      id: "me",
      method: "get",
      path: "/session",
      tag: "session",
      summary: "Who is signed in, and in which roles",
      access: "signed-in",
      answer: z.object({ person: z.string(), roles: z.array(heldRole) }),
      run: async ({ caller }) => ({ body: { person: caller().person, roles: await caller().roles() } }),
    }),
    operation({
      id: "signOut",
      method: "delete",
      path: "/session",
      tag: "session",
      summary: "Sign out: the token is worth nothing any more",
      access: "signed-in",
      status: 204,
      run: async ({ c }) => {
        const token = bearerOf(c)
        if (token !== undefined) desk.sessions.end(token)
        return { status: 204 }
      },
    }),
  ]
}
