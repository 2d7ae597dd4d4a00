// Sends each answer as it is given, one after the other, and says truthfully what is saved.
const RETRY_MS = 3000;
const SOON_SECONDS = 60;

const paper = document.getElementById("paper");
const texts = paper.dataset;
const token = paper.elements["csrf_token"].value;
const questions = Array.from(document.querySelectorAll(".question"));
const links = Array.from(document.querySelectorAll("[data-go]"));
const sheet = document.getElementById("sheet");
const next = document.getElementById("next");
const sequences = questions.map((question) => Number(question.dataset.sequence));
const waiting = new Map(); // place → the newest answer that the server has not acknowledged
const endsAt = { time: performance.now() + Number(texts.seconds) * 1000 };

let current = 0;
let sending = false;
let submitting = false;

document.documentElement.classList.add("scripted");

function inputs(place) {
  return Array.from(questions[place].querySelectorAll("input[name^=answer]"));
}

function choice(place) {
  return inputs(place).filter((input) => input.checked).map((input) => Number(input.value));
}

function blanks(place) {
  return Array.from(questions[place].querySelectorAll("input[name^=text]"));
}

function fillings(place) {
  return blanks(place).map((input) => input.value.trim());
}

function isAnswered(place) {
  return choice(place).length > 0 || fillings(place).some((text) => text !== "");
}

// What the server is told of a place: options by position, or a text for each blank.
function given(place) {
  return blanks(place).length > 0 ? { texts: fillings(place) } : { choice: choice(place) };
}

function paint(place) {
  for (const input of inputs(place)) input.parentElement.classList.toggle("chosen", input.checked);
  links[place].classList.toggle("answered", isAnswered(place));
  const open = questions.filter((_, index) => !isAnswered(index)).length;
  document.getElementById("left").textContent = open ? texts.textLeft.replace("{count}", open) : texts.textNoneLeft;
  const share = (100 * (questions.length - open)) / questions.length;
  document.querySelector("#answered-bar .fill").setAttribute("width", String(share));
}

function say(kind, text) {
  const state = document.getElementById("state");
  state.className = "state js-only " + kind;
  state.textContent = "● " + text;
}

function answered(place) {
  sequences[place] += 1;
  waiting.set(place, { place, sequence: sequences[place], ...given(place) });
  paint(place);
  send();
}

async function send() {
  if (sending) return;
  sending = true;
  while (waiting.size > 0) {
    const answer = waiting.values().next().value;
    say("waiting", texts.textSaving);
    let reply;
    try {
      reply = await post(answer);
    } catch (error) {
      say("lost", texts.textLost);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      continue;
    }
    if (waiting.get(answer.place) === answer) waiting.delete(answer.place);
    if (reply) settle(answer, reply);
  }
  sending = false;
  say("saved", texts.textSaved);
  if (submitting) paper.submit();
}

// The reply when the answer was dealt with, null when it was refused for good; throws to try again.
async function post(answer) {
  const reply = await fetch(texts.saveUrl, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify(answer),
  });
  if (reply.ok && !reply.redirected) return reply.json();
  if (reply.status >= 500 || reply.status === 429) throw new Error("try again");
  // Closed, overdue or signed out: the server decides what the learner sees.
  location.reload();
  return new Promise(() => {});
}

function settle(answer, reply) {
  endsAt.time = performance.now() + reply.seconds_left * 1000;
  if (reply.accepted || waiting.has(answer.place)) return;
  const same = answer.texts
    ? JSON.stringify(reply.texts) === JSON.stringify(answer.texts)
    : reply.choice.join() === answer.choice.join();
  sequences[answer.place] = Math.max(sequences[answer.place], reply.sequence);
  if (same) return;
  for (const input of inputs(answer.place)) input.checked = reply.choice.includes(Number(input.value));
  blanks(answer.place).forEach((input, index) => { input.value = reply.texts[index] || ""; });
  paint(answer.place);
  document.getElementById("news").textContent = texts.textElsewhere;
}

function go(place, focus) {
  current = Math.max(0, Math.min(questions.length - 1, place));
  questions.forEach((question, index) => question.classList.toggle("current", index === current));
  links.forEach((link, index) => {
    if (index === current) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  });
  document.getElementById("number").textContent = current + 1;
  document.getElementById("previous").disabled = current === 0;
  next.textContent = current === questions.length - 1 ? texts.textFinish : texts.textNext;
  openSheet(false);
  if (focus) {
    questions[current].focus({ preventScroll: true });
    if (matchMedia("(min-width: 992px)").matches) questions[current].scrollIntoView({ block: "start" });
    else scrollTo(0, 0);
  }
}

function openSheet(open) {
  sheet.classList.toggle("open", open);
  document.getElementById("open-sheet").setAttribute("aria-expanded", String(open));
  if (open) document.getElementById("hand-in").focus();
}

function countDown() {
  const left = Math.max(0, Math.round((endsAt.time - performance.now()) / 1000));
  const timer = document.getElementById("timer");
  timer.textContent = Math.floor(left / 60) + ":" + String(left % 60).padStart(2, "0");
  timer.classList.toggle("soon", left <= SOON_SECONDS);
  if (left === 0) submit();
}

function submit() {
  if (submitting) return;
  submitting = true;
  document.getElementById("hand-in").disabled = true;
  if (waiting.size === 0 && !sending) paper.submit();
  else document.getElementById("news").textContent = texts.textWaiting;
}

paper.addEventListener("change", (event) => {
  const question = event.target.closest(".question");
  if (question) answered(Number(question.dataset.place));
});
paper.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
next.addEventListener("click", () => {
  if (current === questions.length - 1) openSheet(true);
  else go(current + 1, true);
});
document.getElementById("previous").addEventListener("click", () => go(current - 1, true));
document.getElementById("open-sheet").addEventListener("click", () => openSheet(!sheet.classList.contains("open")));
document.getElementById("close-sheet").addEventListener("click", () => openSheet(false));
for (const link of links) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    go(Number(link.dataset.go), true);
  });
}

const firstOpen = questions.findIndex((_, index) => !isAnswered(index));
go(firstOpen === -1 ? 0 : firstOpen, false);
questions.forEach((_, index) => paint(index));
countDown();
setInterval(countDown, 1000);
