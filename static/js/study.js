// Counts how long the article is visible and in use, and reports it to the server, which alone credits.
const BEAT_MS = 15000;
const IDLE_MS = 120000;
const TICK_MS = 1000;

const credit = document.getElementById("credit");
const texts = credit.dataset;
const clock = document.getElementById("credited");
const state = document.getElementById("credit-state");
const fill = credit.querySelector(".bar .fill");
const needed = Number(texts.needed);

let credited = Number(texts.credited);
let isDone = texts.done === "yes";
let atEnd = texts.atEnd === "yes";
let visible = 0; // not reported yet
let lastTick = performance.now();
let lastActive = performance.now();
let sending = false;
let failed = false;
let refused = false;

function isCounting() {
  return document.visibilityState === "visible" && performance.now() - lastActive < IDLE_MS;
}

function tick() {
  const now = performance.now();
  // A sleeping device lets no ticks through; what it slept is not counted.
  if (isCounting()) visible += Math.min(now - lastTick, 2 * TICK_MS);
  lastTick = now;
  show();
  // The moment that the time is enough is reported at once: the reader is waiting for it.
  const isEnough = credited + visible >= needed && (credited < needed || atEnd);
  if (visible >= BEAT_MS || (isEnough && !isDone)) beat();
}

function show() {
  const ms = Math.min(credited + visible, Math.max(needed, credited));
  const seconds = Math.floor(ms / 1000);
  clock.textContent = Math.floor(seconds / 60) + ":" + String(seconds % 60).padStart(2, "0");
  fill.setAttribute("width", String(Math.min(100, (100 * ms) / needed)));
  if (isDone) say(texts.textDone, "ok");
  else if (failed) say(texts.textWaiting, "warn");
  else if (!isCounting()) say(texts.textIdle, "warn");
  else if (credited >= needed && !atEnd) say(texts.textEnd, "warn");
  else say(texts.textCounting, "plain");
}

function say(text, kind) {
  if (state.textContent === text) return;
  state.textContent = text;
  state.className = "chip " + kind;
}

async function beat() {
  if (sending || refused) return;
  sending = true;
  const reported = visible;
  try {
    const answer = await fetch(texts.url, {
      method: "POST",
      keepalive: true,
      headers: { "Content-Type": "application/json", "X-CSRFToken": texts.token },
      body: JSON.stringify({ visible_ms: Math.round(reported), at_end: atEnd }),
    });
    const body = await answer.json();
    failed = false;
    visible -= reported;
    if (answer.ok) {
      credited = body.credited_ms;
      isDone = body.is_done;
    } else {
      refused = true;
      say(body.title, "bad");
      return;
    }
  } catch (error) {
    failed = true; // what was not reported stays and goes out with the next one
  } finally {
    sending = false;
  }
  if (!refused) show();
}

for (const name of ["scroll", "pointerdown", "pointermove", "keydown", "touchstart"]) {
  addEventListener(name, () => { lastActive = performance.now(); }, { passive: true });
}
// Who watches a video touches nothing meanwhile.
addEventListener("timeupdate", () => { lastActive = performance.now(); }, { passive: true, capture: true });
document.addEventListener("visibilitychange", () => {
  lastTick = performance.now();
  if (document.visibilityState === "visible") lastActive = performance.now();
  beat();
});
new IntersectionObserver((entries) => {
  if (!atEnd && entries.some((entry) => entry.isIntersecting)) {
    atEnd = true;
    beat();
  }
}).observe(document.getElementById("end"));

beat();
setInterval(tick, TICK_MS);
