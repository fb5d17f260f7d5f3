// The text, one box a token, coloured by a signal of the selected unit; click one to jump.

import { make } from "./format.js";

const CHUNK = 200; // tokens in a block that the browser lays out only when it is near the screen

export class Strip {
  constructor(holder, { onStep }) {
    this.holder = holder;
    this.boxes = [];
    this.current = -1;
    holder.onclick = (event) => {
      const box = event.target.closest?.("[data-step]");
      if (box) onStep(Number(box.dataset.step));
    };
  }

  /** Lay out the text; `facts` as passage_part makes them. */
  write({ tokens, pieces, own, spoken }) {
    this.spoken = spoken;
    this.pieces = pieces;
    this.tokens = tokens;
    this.boxes = tokens.map((token, step) => this.box(token, step, pieces[step], step >= own));
    this.holder.replaceChildren();
    let block = null;
    let size = CHUNK;
    for (const box of this.boxes) {
      if (size >= CHUNK) {
        block = this.holder.appendChild(make("div", { class: "block", role: "presentation" }));
        size = 0;
      }
      block.append(box);
      if (box.textContent === "⏎") block.append(make("br"));
      size++;
    }
    this.holder.classList.toggle("long", tokens.length > 2 * CHUNK);
    this.current = -1;
  }

  box(token, step, piece, written) {
    const box = make("span", { role: "option", "data-step": step, id: `gatescope-step-${step}` });
    box.textContent = piece && piece[0] > 1 ? "·" : token;
    if (piece) box.title = this.named(step);
    if (piece || this.spoken[token]) box.setAttribute("aria-label", this.named(step));
    box.className = (written ? "token written" : "token") + (token.length > 2 && !piece ? " code" : "");
    return box;
  }

  /** Colour each token that lies in the window by the level of its step on a scale. */
  colour(scale, levelAt, [start, stop]) {
    for (let step = 0; step < this.boxes.length; step++) {
      const { style } = this.boxes[step];
      if (step < start || step >= stop) {
        style.background = style.color = "";
        continue;
      }
      const level = levelAt(step);
      style.background = scale.css[level];
      style.color = scale.ink[level];
    }
  }

  mark(step) {
    const [old, box] = [this.boxes[this.current], this.boxes[step]];
    if (box && this.holder.scrollHeight > this.holder.clientHeight) this.reveal(box);
    if (old) {
      old.classList.remove("current");
      old.removeAttribute("aria-selected");
    }
    this.current = step;
    if (!box) return;
    box.classList.add("current");
    box.setAttribute("aria-selected", "true");
    this.holder.setAttribute("aria-activedescendant", box.id);
  }

  /** The text up to a step, at most so many characters of it; one of several bytes counts once. */
  upTo(step, count) {
    const found = [];
    let from = step;
    for (; from >= 0 && found.length < count; from--) {
      if (!(this.pieces[from]?.[0] > 1)) found.unshift(this.tokens[from]);
    }
    return (from >= 0 ? "…" : "") + found.join("");
  }

  /** A token as it is said aloud. */
  named(step) {
    const [token, piece] = [this.tokens[step], this.pieces[step]];
    return piece ? `byte ${piece[0]} of ${piece[1]} of ${token}` : (this.spoken[token] ?? token);
  }

  /** Scroll the strip, and nothing around it, so that the token has a line above and below it. */
  reveal(box) {
    const [outer, inner] = [this.holder.getBoundingClientRect(), box.getBoundingClientRect()];
    const above = inner.top - inner.height - outer.top;
    const below = inner.bottom + inner.height - outer.bottom;
    if (above < 0) this.holder.scrollTop += above;
    else if (below > 0) this.holder.scrollTop += below;
  }
}
