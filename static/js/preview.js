// Shows what is being written as learners will see it; the server draws it.
const WAIT_MS = 400;
const form = document.querySelector("form[data-preview]");
const shown = document.getElementById("preview");
let timer = 0;
let asked = 0;

async function draw() {
  asked += 1;
  const mine = asked;
  const fields = new FormData(form);
  for (const file of form.querySelectorAll("input[type=file]")) fields.delete(file.name);
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
