/**
 * Every page and the files they need, by path.
 */
import { Hono } from "hono"
import { setCookie } from "hono/cookie"
import type { VisitEnv } from "../session/visit.ts"
import { languageCookie } from "../web/language.ts"
import { order, orders, workOnOrder } from "./department/orders.ts"
import { answerWhistle } from "./duty/answer-form.ts"
import { board } from "./duty/board.ts"
import { hotlinePage, takeCall } from "./duty/hotline.ts"
import { incidentDesk, workOnIncident } from "./duty/incident-desk.ts"
import { mapPage } from "./duty/map.ts"
import { parkedReceipts, workOnReceipt } from "./duty/parked-receipts.ts"
import { reportDesk, workOnReport } from "./duty/report-desk.ts"
import { find } from "./find.ts"
import { home } from "./home.ts"
import { assets } from "./layout.ts"
import { ownNotices } from "./own-notices.ts"
import { admissions, workOnAdmission } from "./people/admissions.ts"
import { changeStanding, ownStanding } from "./people/own-standing.ts"
import { enrol, roster, rosterPage, workOnRoster } from "./people/roster.ts"
import { staff, workOnStaff } from "./people/staff.ts"
import { servePhoto } from "./photo-files.ts"
import { redeem, redeemPage } from "./points/redeem.ts"
import { redemptions, workOnRedemption } from "./points/redemptions.ts"
import {
  compareDraft,
  comparePage,
  decidePage,
  policyHome,
  policyReport,
  policyReportStyle,
  propertyPage,
} from "./policy/policy-pages.ts"
import { statisticsChart, statisticsPage } from "./public/statistics-page.ts"
import { offlinePage, serviceWorker } from "./reporter/offline.ts"
import { answerFollowUp, appeal, ownReport, ownReports } from "./reporter/own-reports.ts"
import { ownRewards } from "./reporter/own-rewards.ts"
import { reportPage, takeReport } from "./reporter/report-form.ts"
import { appealList, appealPage, ruleOnAppeal } from "./review/appeals.ts"
import { approve, approveList, approvePage } from "./review/approve.ts"
import { claimList, claimPage, workOnClaim } from "./review/claims.ts"
import { findingList, findingPage, workOnFinding } from "./review/findings.ts"
import { pay, payList, settle } from "./review/pay.ts"
import { verifyList, verifyPage, workOnVerification } from "./review/verify.ts"
import { typeCookie } from "./shown.ts"

export const pages = (): Hono<VisitEnv> =>
  new Hono<VisitEnv>()
    .route("/", reporterPages())
    .route("/", deskPages())
    .route("/", reviewPages())
    .route("/", peoplePages())
    .route("/", policyPages())
    .get("/", home)
    .get("/find", find)
    .get("/statistics", statisticsPage)
    .get("/statistics/:month", statisticsPage)
    .get("/statistics/:month/chart.svg", statisticsChart)
    .get("/language/:lang{zh|en}", (c) => {
      setCookie(c, languageCookie, c.req.param("lang"), lasting)
      return c.redirect(cameFrom(c.req.header("referer")), 303)
    })
    .get("/type/:size{large|usual}", (c) => {
      setCookie(c, typeCookie, c.req.param("size"), lasting)
      return c.redirect(cameFrom(c.req.header("referer")), 303)
    })
    .get("/reports/:id/photos/:hash", servePhoto("report"))
    .get("/incidents/:id/photos/:hash", servePhoto("incident"))
    .get("/static/:name", (c) => assets.serve(c))

// internal

const lasting = { path: "/", sameSite: "Lax", maxAge: 31_536_000 } as const

/** The path one came from; only ever one of ours, whatever the header names. */
const cameFrom = (referer: string | undefined): string => {
  if (referer === undefined || !URL.canParse(referer)) return "/"
  const { pathname, search } = new URL(referer)
  return pathname.startsWith("//") ? "/" : `${pathname}${search}`
}

const reporterPages = () =>
  new Hono<VisitEnv>()
    .get("/report", reportPage)
    .post("/report", takeReport)
    .get("/offline", offlinePage)
    .get("/sw.js", serviceWorker)
    .get("/mine", ownReports)
    .get("/mine/:id", ownReport)
    .post("/mine/:id/answer", answerFollowUp)
    .post("/mine/:id/appeal", appeal)
    .get("/awards", ownRewards)
    .get("/notices", ownNotices)
    .get("/redeem", redeemPage)
    .post("/redeem/:what", redeem)
    .get("/standing", ownStanding)
    .post("/standing/:what", changeStanding)

const deskPages = () =>
  new Hono<VisitEnv>()
    .get("/board", board)
    .get("/map", mapPage)
    .get("/hotline", hotlinePage)
    .post("/hotline", takeCall)
    .get("/desk/reports/:id", reportDesk)
    .post("/desk/reports/:id/answer", answerWhistle)
    .post("/desk/reports/:id/:what", workOnReport)
    .get("/desk/incidents/:id", incidentDesk)
    .post("/desk/incidents/:id/:what", workOnIncident)
    .get("/parked", parkedReceipts)
    .post("/parked/:what", workOnReceipt)
    .get("/orders", orders)
    .get("/orders/:id", order)
    .post("/orders/:id/:what", workOnOrder)

const reviewPages = () =>
  new Hono<VisitEnv>()
    .get("/verify", verifyList)
    .get("/verify/:id", verifyPage)
    .post("/verify/:id/:what", workOnVerification)
    .get("/approve", approveList)
    .get("/approve/:id", approvePage)
    .post("/approve/:id", approve)
    .get("/pay", payList)
    .post("/pay", pay)
    .post("/pay/settle", settle)
    .get("/claims", claimList)
    .get("/claims/:id", claimPage)
    .post("/claims/:id/:what", workOnClaim)
    .get("/findings", findingList)
    .get("/findings/:id", findingPage)
    .post("/findings/:id/:what", workOnFinding)
    .get("/appeals", appealList)
    .get("/appeals/:id", appealPage)
    .post("/appeals/:id", ruleOnAppeal)

const peoplePages = () =>
  new Hono<VisitEnv>()
    .get("/admissions", admissions)
    .post("/admissions/:what", workOnAdmission)
    .get("/roster", roster)
    .post("/roster", enrol)
    .get("/roster/:person", rosterPage)
    .post("/roster/:person/:what", workOnRoster)
    .get("/staff", staff)
    .post("/staff/:what", workOnStaff)
    .get("/redemptions", redemptions)
    .post("/redemptions/:what", workOnRedemption)

const policyPages = () =>
  new Hono<VisitEnv>()
    .get("/policy", policyHome)
    .get("/policy/report", policyReport)
    .get("/policy/report.css", policyReportStyle)
    .get("/policy/decide", decidePage)
    .get("/policy/compare", comparePage)
    .post("/policy/compare", compareDraft)
    .get("/policy/property", propertyPage)
