/** The way of one report through the hands of five people, without a script, on a phone. */
import { expect, test } from "vitest"
import { picture, type Site, shoot } from "./open-site.ts"

export const fiveCases = (opened: () => Site): void => {
  test("F1 F6 L12 informant, duty officer, department, verifiers, approver and the informant again", {
    timeout: 180_000,
  }, async () => {
    const site = opened()
    const page = await site.as("informant", { javaScriptEnabled: false })
    const photo = await picture(site.browser, "#8ab")

    await page.goto("/report")
    await page.setInputFiles("#photo", { name: "路灯.jpg", mimeType: "image/jpeg", buffer: photo })
    await page.fill("[name=address]", "濛江街道环城路口")
    await page.click("button.send")
    expect(await page.textContent("[role=status]")).toContain("已收到")
    const report = new URL(page.url()).pathname.split("/").at(-1) ?? ""
    await shoot(page, "five-1-reported")

    await site.signIn(page, "duty")
    await page.goto("/board")
    await shoot(page, "five-2-board")
    await page.click(`a[href="/desk/reports/${report}"]`)
    await page.selectOption("#try [name=category]", "environment")
    await page.check("#try [name=danger][value=no]")
    await page.check("#try [name=ongoing][value=yes]")
    await page.fill("#try [name=affected]", "12")
    await page.click("#try button")
    expect(await page.textContent(".proposal")).toContain("普通治理")
    await shoot(page, "five-3-proposal")
    await page.click('form[action$="/answer"]:not(.press) button.send')
    await page.click('a[href^="/desk/incidents/"]')
    expect(await page.textContent(".proposal")).toContain("规则建议")
    await shoot(page, "five-4-hand-over")
    await page.click('form[action$="/hand-over"] button.send')
    const incident = new URL(page.url()).pathname.split("/").at(-1) ?? ""

    await site.signIn(page, "department")
    await page.goto("/orders")
    await page.click(`a[href="/orders/${incident}"]`)
    await shoot(page, "five-5-order")
    await page.click('form[action$="/acknowledge"] button')
    await page.fill('form[action$="/handled"] [name=result]', "垃圾已清走")
    await page.setInputFiles('form[action$="/handled"] [name=photo]', {
      name: "a.jpg",
      mimeType: "image/jpeg",
      buffer: photo,
    })
    await page.fill("[name=residents]", "40")
    await page.click('form[action$="/handled"] button')
    expect(await page.textContent("[role=status]")).toContain("已报办结")

    await site.signIn(page, "duty")
    await page.goto(`/desk/reports/${report}`)
    await page.fill("[name=text]", "垃圾已清走,谢谢您。")
    await page.click('form[action$="/reply"] button')
    await shoot(page, "five-6-replied")

    await site.signIn(page, "informant")
    await page.goto(`/mine/${report}`)
    expect(await page.textContent(".replies")).toContain("垃圾已清走,谢谢您。")
    await page.check("[name=result][value=satisfied]")
    await shoot(page, "five-7-own-report")
    await page.click('form[action$="/answer"] button')
    expect(await page.textContent("[role=status]")).toContain("谢谢")

    for (const level of ["village", "township", "county"]) {
      await site.signIn(page, level)
      await page.goto("/verify")
      await page.click(`a[href="/verify/${report}"]`)
      await page.check("[name=verdict][value=true]")
      await page.click('form[action$="/confirm"] button')
      expect(await page.textContent("[role=status]")).toContain("已核实")
      await shoot(page, `five-8-${level}`)
    }

    await site.signIn(page, "approver")
    await page.goto("/approve")
    await page.click(`a[href="/approve/${report}"]`)
    expect(await page.textContent(".proposal")).toContain("积分")
    await page.check("[name=interest][value=none]")
    await shoot(page, "five-9-approve")
    await page.click("button.send")
    expect(await page.textContent("[role=status]")).toContain("已审批")

    await site.signIn(page, "informant")
    await page.goto("/awards")
    expect(await page.textContent(".figures")).toMatch(/可用积分\s*5/)
    await shoot(page, "five-10-awards")
    expect(site.faults).toEqual([])
  })
}
