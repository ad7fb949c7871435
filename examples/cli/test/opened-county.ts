/** A county under the example policy that was just opened, as another host than the command line would. */
import { chinaYears } from "@yingshao/core/calendar/china-years"
import { type OpenOptions, openYingshao, type Yingshao } from "@yingshao/engine"
import type { Storage } from "@yingshao/ports/storage"
import { examplePolicy, loadPolicy } from "../src/store/policy-file.ts"

export const openedCounty = async (
  storage: Storage,
  programme: string,
  more: Pick<OpenOptions, "notifiers" | "recipients" | "plan"> = {},
): Promise<Yingshao> => {
  const { policy } = await loadPolicy(examplePolicy)
  return openYingshao({
    programme,
    policy,
    storage,
    opening: {
      admin: "p-admin",
      units: [{ id: "u-duty", kind: "duty-desk", nameZh: "应哨专班", nameEn: "duty desk" }],
      calendarYears: chinaYears,
    },
    ...more,
  })
}
