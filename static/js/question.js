// Shows the question as learners will see it while it is written; the server draws it.
const WAIT_MS = 400;
const form = document.getElementById("question-form");
const shown = document.getElementById("preview");
let timer = 0;
let asked = 0;

async function draw() {
  asked += 1;
  const mine = asked;
  const fields = new FormData(form);
  fields.delete("picture");
  try {
    const answer = await fetch(form.dataset.preview, { method: "POST", body: fields });
    const page = await answer.text();
    if (answer.ok && mine === asked) shown.innerHTML = page;
  } catch (error) {
    // No network just now: the next change asks again.
  }
}

form.addEventListener("input", () => {
  window.clearTimeout(timer);
  timer = window.setTimeout(draw, WAIT_MS);
});
