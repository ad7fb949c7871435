/** The way of one report through the hands of five people, without a script, on a phone. */
import { expect, test } from "vitest"
import { picture, type Site, shoot } from "./open-site.ts"

export const fiveCases = (opened: () => Site): void => {
  test("F1 F6 L12 informant, duty officer, department, verifiers, approver and the informant again", {
    timeout: 180_000,
  }, async () => {
    const site = opened()
    const plain = { javaScriptEnabled: false }
    const [informant, duty, department, approver] = await Promise.all(
      ["informant", "duty", "department", "approver"].map((account) => site.as(account, plain)),
    )
    if (!informant || !duty || !department || !approver) throw new Error("nobody came")
    const photo = await picture(site.browser, "#8ab")

    await informant.goto("/report")
    await informant.setInputFiles("#photo", { name: "路灯.jpg", mimeType: "image/jpeg", buffer: photo })
    await informant.fill("[name=address]", "濛江街道环城路口")
    await informant.click("button.send")
    expect(await informant.textContent("[role=status]")).toContain("已收到")
    const report = new URL(informant.url()).pathname.split("/").at(-1) ?? ""
    await shoot(informant, "five-1-reported")

    await duty.goto("/board")
    await shoot(duty, "five-2-board")
    await duty.click(`a[href="/desk/reports/${report}"]`)
    await duty.selectOption("#try [name=category]", "environment")
    await duty.check("#try [name=danger][value=no]")
    await duty.check("#try [name=ongoing][value=yes]")
    await duty.fill("#try [name=affected]", "12")
    await duty.click("#try button")
    expect(await duty.textContent(".proposal")).toContain("普通治理")
    await shoot(duty, "five-3-proposal")
    await duty.click('form[action$="/answer"]:not(.press) button.send')
    await duty.click('a[href^="/desk/incidents/"]')
    expect(await duty.textContent(".proposal")).toContain("规则建议")
    await shoot(duty, "five-4-hand-over")
    await duty.click('form[action$="/hand-over"] button.send')
    const incident = new URL(duty.url()).pathname.split("/").at(-1) ?? ""

    await department.goto("/orders")
    await department.click(`a[href="/orders/${incident}"]`)
    await shoot(department, "five-5-order")
    await department.click('form[action$="/acknowledge"] button')
    await department.fill('form[action$="/handled"] [name=result]', "垃圾已清走")
    await department.setInputFiles('form[action$="/handled"] [name=photo]', {
      name: "a.jpg",
      mimeType: "image/jpeg",
      buffer: photo,
    })
    await department.fill("[name=residents]", "40")
    await department.click('form[action$="/handled"] button')
    expect(await department.textContent("[role=status]")).toContain("已报办结")

    await duty.goto(`/desk/reports/${report}`)
    await duty.fill("[name=text]", "垃圾已清走,谢谢您。")
    await duty.click('form[action$="/reply"] button')
    await shoot(duty, "five-6-replied")

    await informant.goto(`/mine/${report}`)
    expect(await informant.textContent(".replies")).toContain("垃圾已清走,谢谢您。")
    await informant.check("[name=result][value=satisfied]")
    await shoot(informant, "five-7-own-report")
    await informant.click('form[action$="/answer"] button')
    expect(await informant.textContent("[role=status]")).toContain("谢谢")

    for (const level of ["village", "township", "county"]) {
      const verifier = await site.as(level, plain)
      await verifier.goto("/verify")
      await verifier.click(`a[href="/verify/${report}"]`)
      await verifier.check("[name=verdict][value=true]")
      await verifier.click('form[action$="/confirm"] button')
      expect(await verifier.textContent("[role=status]")).toContain("已核实")
      await shoot(verifier, `five-8-${level}`)
    }

    await approver.goto("/approve")
    await approver.click(`a[href="/approve/${report}"]`)
    expect(await approver.textContent(".proposal")).toContain("积分")
    await approver.check("[name=interest][value=none]")
    await shoot(approver, "five-9-approve")
    await approver.click("button.send")
    expect(await approver.textContent("[role=status]")).toContain("已审批")

    await informant.goto("/awards")
    expect(await informant.textContent(".figures")).toMatch(/可用积分\s*5/)
    await shoot(informant, "five-10-awards")
    expect(site.faults).toEqual([])
  })
}
