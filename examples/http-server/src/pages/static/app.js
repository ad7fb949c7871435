/*
 * What pages do more where scripts run: a place from the phone, reports that wait on the phone until they
 * are sent, one command for two taps, a board that refreshes itself. Everything works without it.
 */

const root = document.documentElement
root.classList.add("js")
const find = (selector, from = document) => from.querySelector(selector)

/* ---- forms: a second tap does nothing ---- */

document.addEventListener("submit", (event) => {
  const form = event.target
  if (form.dataset.once === undefined) return
  if (form.dataset.busy === "yes") {
    event.preventDefault()
    return
  }
  if (form.dataset.once === "queue" && queue !== undefined) {
    event.preventDefault()
    void keepReport(form)
    return
  }
  form.dataset.busy = "yes"
})
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-busy]")) delete form.dataset.busy
})

/* ---- the report form: photo and place ---- */

const photo = find("#photo")
const locate = find("#locate")
if (photo !== null && locate !== null) {
  const label = find("label[for=photo]")
  const told = find("#located")
  const coordinate = (name) => find(`form.report [name=${name}]`)
  const ask = () => {
    told.textContent = locate.dataset.busy
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        coordinate("lng").value = coords.longitude
        coordinate("lat").value = coords.latitude
        coordinate("accuracy").value = Math.ceil(coords.accuracy)
        told.textContent = `${locate.dataset.found} ${Math.ceil(coords.accuracy)} m`
        locate.classList.add("ready")
      },
      () => {
        told.textContent = locate.dataset.failed
        find("[name=address]").focus()
      },
      { enableHighAccuracy: true, timeout: 10_000, maximumAge: 30_000 },
    )
  }
  if ("geolocation" in navigator) {
    locate.hidden = false
    locate.addEventListener("click", ask)
  }
  photo.addEventListener("change", () => {
    label.classList.toggle("ready", photo.files.length > 0)
    find(".preview")?.remove()
    if (photo.files.length === 0) return
    const image = new Image()
    image.className = "preview"
    image.alt = ""
    image.src = URL.createObjectURL(photo.files[0])
    label.append(image)
    if (!locate.hidden && coordinate("lng").value === "") ask()
  })
}

/* ---- the queue: a report waits on the phone until the server has it ---- */

const box = find("#queue")
const say = box?.dataset ?? {}
const ownerKey = "ys-owner"

/** One request of the database as a promise. */
const settled = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

const openQueue = () =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open("yingshao", 2)
    request.onupgradeneeded = ({ oldVersion }) => {
      if (oldVersion < 1) request.result.createObjectStore("reports", { keyPath: "command" })
      request.result.createObjectStore("keys")
    }
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

/** What waits is sealed under a key that no script can read out; where there is none, nothing is kept. */
const aes = "AES-GCM"
const keyOf = async () => {
  const store = (mode) => queue.transaction("keys", mode).objectStore("keys")
  const known = await settled(store("readonly").get("key"))
  if (known !== undefined) return known
  const made = await crypto.subtle.generateKey({ name: aes, length: 256 }, false, ["encrypt", "decrypt"])
  // Another page may have made one in this moment.
  await settled(store("readwrite").add(made, "key")).catch(() => {})
  return settled(store("readonly").get("key"))
}
const sealed = async (fields, file) => {
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const body = new Blob([JSON.stringify(fields), "\n", file])
  return {
    iv,
    bytes: await crypto.subtle.encrypt({ name: aes, iv }, await keyOf(), await body.arrayBuffer()),
  }
}
const unsealed = async ({ iv, bytes }) => {
  const plain = new Uint8Array(await crypto.subtle.decrypt({ name: aes, iv }, await keyOf(), bytes))
  const end = plain.indexOf(10)
  return {
    fields: JSON.parse(new TextDecoder().decode(plain.subarray(0, end))),
    photo: new Blob([plain.subarray(end + 1)], { type: "image/jpeg" }),
  }
}

let queue
const reports = (mode) => queue.transaction("reports", mode).objectStore("reports")
const owner = () => {
  try {
    if (say.owner) localStorage.setItem(ownerKey, say.owner)
    return say.owner || localStorage.getItem(ownerKey) || ""
  } catch {
    return say.owner || ""
  }
}

/** Smaller and without what the camera wrote into it; as it is where the browser cannot. */
const smaller = async (file) => {
  try {
    const bitmap = await createImageBitmap(file)
    const scale = Math.min(1, 1920 / Math.max(bitmap.width, bitmap.height))
    const canvas = document.createElement("canvas")
    canvas.width = Math.round(bitmap.width * scale)
    canvas.height = Math.round(bitmap.height * scale)
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height)
    return (await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85))) ?? file
  } catch {
    return file
  }
}

const keepReport = async (form) => {
  const data = new FormData(form)
  const address = find("[name=address]", form)
  if (!data.get("lng") && !String(data.get("address")).trim()) {
    address.setCustomValidity(locate.dataset.failed)
    address.reportValidity()
    address.addEventListener("input", () => address.setCustomValidity(""), { once: true })
    return
  }
  form.dataset.busy = "yes"
  const fields = [...data].filter(
    ([name, value]) => typeof value === "string" && name !== "csrf" && name !== "command",
  )
  const command = data.get("command") || `w-${crypto.randomUUID()}`
  try {
    const seal = await sealed(fields, await smaller(data.get("photo")))
    const kept = { command, owner: owner(), at: Date.now(), seal }
    await settled(reports("readwrite").put(kept))
  } catch {
    // No room on the phone, or no key where the page is not secure. The plain form still works.
    queue = undefined
    delete form.dataset.busy
    form.requestSubmit()
    return
  }
  form.reset()
  form.dataset.busy = ""
  // The value of a hidden field outlives a reset: the next report is somewhere else.
  for (const name of ["lng", "lat", "accuracy"]) find(`[name=${name}]`, form).value = ""
  find("#located").textContent = find("#located").dataset.words
  find("[name=command]", form).value = `w-${crypto.randomUUID()}`
  for (const ready of form.querySelectorAll(".ready")) ready.classList.remove("ready")
  find(".preview", form)?.remove()
  await showQueue()
  box.scrollIntoView()
  await sendAll()
}

/** The token that a form of this session must carry; pages kept for offline have none. @returns it, or why there is none. */
const token = async (fresh) => {
  const here = find("input[name=csrf]")?.value
  if (here && !fresh) return here
  const answer = await fetch("/report")
  if (!answer.ok) return answer
  return (
    find("input[name=csrf]", new DOMParser().parseFromString(await answer.text(), "text/html"))?.value ?? ""
  )
}

const send = async (kept, fresh = false) => {
  const body = new FormData()
  // One that an older page kept is not sealed.
  const { fields, photo } = kept.seal === undefined ? kept : await unsealed(kept.seal)
  body.set("command", kept.command)
  for (const [name, value] of fields) body.append(name, value)
  body.set("photo", photo, "photo.jpg")
  const csrf = await token(fresh)
  // A server that was started again knows neither token nor session: the report waits for the sign-in.
  if (typeof csrf !== "string") return csrf
  const answer = await fetch("/report", {
    method: "POST",
    body,
    headers: { accept: "application/json", "x-csrf-token": csrf, "x-queue-owner": kept.owner },
  })
  return answer.status === 403 && !fresh ? send(kept, true) : answer
}

const isJson = (answer) => (answer.headers.get("content-type") ?? "").includes("json")

/** @returns whether the next one may be tried. */
const sendOne = async (kept) => {
  let answer
  try {
    answer = await send(kept)
  } catch (error) {
    if (error.name !== "OperationError") return false
    // Its key is gone: nobody can read it any more.
    await settled(reports("readwrite").put({ ...kept, why: say.lost }))
    return true
  }
  if (answer.status === 201 && isJson(answer)) {
    const { number, page } = await answer.json()
    await settled(reports("readwrite").delete(kept.command))
    showSent(number, page)
    return true
  }
  if (answer.status === 401) {
    note("signin", true)
    return false
  }
  if (answer.status >= 500 || answer.status === 429) return false
  const why = isJson(answer)
    ? (await answer.json())[root.lang.startsWith("zh") ? "zh" : "en"]
    : `${answer.status}`
  await settled(reports("readwrite").put({ ...kept, why }))
  return true
}

let sending = false
const sendAll = async () => {
  if (queue === undefined || sending) return
  sending = true
  // One tab at a time; the command's id keeps it to one report in any case.
  const alone = navigator.locks ?? { request: (_, work) => work() }
  try {
    await alone.request("ys-queue", async () => {
      for (const kept of await mine()) if (kept.why === undefined && !(await sendOne(kept))) break
    })
  } finally {
    sending = false
    await showQueue()
  }
}

const mine = async () =>
  (await settled(reports("readonly").getAll())).filter((kept) => kept.owner === owner())

const element = (name, text, more = {}) =>
  Object.assign(document.createElement(name), { textContent: text }, more)
const line = (id) => find(`#${id}`) ?? box.appendChild(element("div", "", { id }))
const note = (key, shown) => {
  line(`queue-${key}`).replaceChildren(...(shown ? [element("p", say[key], { className: "notice" })] : []))
}

const showSent = (number, page) => {
  const told = element("p", `${say.sent} ${number} · `, { className: "done" })
  told.append(element("a", say.open, { href: page }))
  line("queue-sent").append(told)
  note("signin", false)
}

const showQueue = async () => {
  const kept = queue === undefined ? [] : await mine()
  const waiting = kept.filter(({ why }) => why === undefined)
  const part = line("queue-kept")
  part.replaceChildren()
  if (waiting.length > 0) {
    const told = element("p", `${waiting.length} ${say.kept} `, { className: "kept" })
    told.append(element("button", say.again, { type: "button", className: "plain", onclick: sendAll }))
    part.append(told)
  }
  for (const { command, why } of kept.filter((one) => one.why !== undefined)) {
    const told = element("p", `${say.refused}${why} `, { className: "problem" })
    const drop = async () => {
      await settled(reports("readwrite").delete(command))
      await showQueue()
    }
    told.append(element("button", say.drop, { type: "button", className: "plain", onclick: drop }))
    part.append(told)
  }
}

if (box !== null && "indexedDB" in window) {
  openQueue().then(
    (opened) => {
      queue = opened
      void sendAll()
      addEventListener("online", sendAll)
      document.addEventListener("visibilitychange", () => void (document.hidden || sendAll()))
      setInterval(sendAll, 20_000)
    },
    () => {},
  )
  // Only brings this page up where there is no network; sending never needs it.
  navigator.serviceWorker?.register("/sw.js").catch(() => {})
}

/* ---- a board that refreshes itself ---- */

const linksIn = (part) => [...part.querySelectorAll("a")].map(({ href }) => href).join()

const live = find("[data-live]")
const wanted = find("#refresh")
if (live !== null) {
  setInterval(async () => {
    const here = find("[data-live]")
    if (document.hidden || wanted?.checked === false || here.contains(document.activeElement)) return
    if (find("[data-live] details[open]") !== null) return
    try {
      const answer = await fetch(location.href)
      if (!answer.ok || answer.redirected) return
      const next = find("[data-live]", new DOMParser().parseFromString(await answer.text(), "text/html"))
      if (next === null) return
      const time = new Date().toLocaleTimeString(root.lang)
      const tell = (place) => {
        if (place !== null) place.textContent = `${place.dataset.words} ${time}`
      }
      tell(find("#refreshed"))
      // Said aloud only when something is there that was not, or is not any more.
      if (linksIn(here) !== linksIn(next)) tell(find("#changed"))
      here.replaceWith(next)
    } catch {
      // No network: what is shown stays, and the next turn tries again.
    }
  }, Number(live.dataset.live) || 15_000)
}
