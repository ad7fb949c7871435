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
import { reportDesk, workOnReport } from "./duty/report-desk.ts"
import { home } from "./home.ts"
import { assets } from "./layout.ts"
import { servePhoto } from "./photo-files.ts"
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
import { approve, approveList, approvePage } from "./review/approve.ts"
import { pay, payList } from "./review/pay.ts"
import { verifyList, verifyPage, workOnVerification } from "./review/verify.ts"
import { typeCookie } from "./shown.ts"

export const pages = (): Hono<VisitEnv> =>
  new Hono<VisitEnv>()
    .route("/", reporterPages())
    .route("/", deskPages())
    .route("/", reviewPages())
    .route("/", policyPages())
    .get("/", home)
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

const policyPages = () =>
  new Hono<VisitEnv>()
    .get("/policy", policyHome)
    .get("/policy/report", policyReport)
    .get("/policy/report.css", policyReportStyle)
    .get("/policy/decide", decidePage)
    .get("/policy/compare", comparePage)
    .post("/policy/compare", compareDraft)
    .get("/policy/property", propertyPage)
