// Asks how far the job is and shows it; the page itself says the rest, so it is loaded anew when the job ends.
const ASK_MS = 1000;
const job = document.getElementById("job");
const bar = job.querySelector("progress");
const step = document.getElementById("job-step");
let before = job.dataset.state || null; // the page's own state: the job may end before it is first asked for

async function ask() {
  try {
    const answer = await fetch(job.dataset.progress, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const now = await answer.json();
    if ((before !== null && now.state !== before) || now.silent) {
      window.location.reload();
      return;
    }
    before = now.state;
    bar.value = Math.max(bar.value, now.percent);
    step.textContent = step.dataset[now.step] || step.textContent;
  } catch {
    // No network just now: ask again.
  }
  window.setTimeout(ask, ASK_MS);
}

ask();
