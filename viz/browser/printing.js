// A Plotly figure is drawn in pixels of the window, and an equation is as wide as it is. Before they are printed,
// print.css is told how large they are, so that they can be scaled to the paper, whose size no script knows.

const sized = () => {
  for (const equation of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".katex-display"))) {
    equation.classList.remove("drawn"); // measured as it is, not as it was scaled
    const parts = Array.from(equation.querySelectorAll(".katex-html > .base"), (part) => part.getBoundingClientRect());
    if (!parts.length) continue;
    const wide = Math.max(...parts.map((part) => part.right)) - Math.min(...parts.map((part) => part.left));
    equation.style.setProperty("--wide", String(Math.ceil(wide) + 8));
    equation.classList.add("drawn");
  }
  for (const plot of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".js-plotly-plot"))) {
    const drawn = plot.querySelector(".main-svg");
    const [wide, tall] = ["width", "height"].map((side) => Number(drawn?.getAttribute(side)));
    if (!wide || !tall) continue;
    plot.style.setProperty("--wide", String(wide));
    plot.style.setProperty("--tall", String(tall));
    plot.classList.add("drawn");
  }
};

let listening = false;

export default function () {
  if (listening) return; // Streamlit calls this at each run of the page
  listening = true;
  window.addEventListener("beforeprint", sized);
  window.matchMedia("print").addEventListener("change", sized); // a preview of the browser's tools has no other sign
}
