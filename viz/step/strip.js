// The text, one box a token, coloured by a signal of the selected unit; click one to jump.

import { make } from "../browser/format.js";
import { _, fill } from "../browser/locale.js";

/** @import { Scale } from "../browser/colours.js" */
/** @import { PassageFacts, Told } from "./types" */
/** @typedef {HTMLElement & { step?: number }} Box */

const CURRENT = "gatescope-current-step";
const CHUNK = 200; // tokens in a block that the browser lays out only when it is near the screen

export class Strip {
  /**
   * @param {HTMLElement} holder
   * @param {Pick<Told, "onStep">} told
   */
  constructor(holder, { onStep }) {
    this.holder = holder;
    /** @type {Box[]} */
    this.boxes = [];
    /** @type {string[]} */
    this.kinds = [];
    this.current = -1;
    /** @type {string[]} */
    this.tokens = [];
    /** @type {PassageFacts["pieces"]} */
    this.pieces = {};
    /** @type {Record<string, string>} */
    this.spoken = {};
    this.apart = false;
    this.own = 0;
    /** @type {Scale | null} */
    this.scale = null;
    this.here = make("div", { class: "here", role: "presentation" });
    // No element: a page of its own has a policy that allows no styles but those that it came with.
    this.levels = new CSSStyleSheet();
    const root = /** @type {ShadowRoot | Document} */ (holder.getRootNode());
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, this.levels];
    new ResizeObserver(() => this.boxes[this.current] && this.point(this.boxes[this.current])).observe(holder);
    holder.onclick = (event) => {
      const { step } = /** @type {Box} */ (event.target);
      if (step !== undefined) onStep(step);
    };
  }

  /**
   * Lay out the text; `facts` as passage_part makes them.
   * @param {PassageFacts} facts
   */
  write({ tokens, pieces, own, spoken, apart }) {
    const whole = own === tokens.length && this.own === this.tokens.length; // nothing of it was written by a model
    const same = whole && apart === this.apart && JSON.stringify(spoken) === JSON.stringify(this.spoken);
    const from = same ? this.alike(tokens, pieces) : 0;
    this.own = own;
    this.apart = apart;
    this.holder.classList.toggle("apart", apart);
    this.spoken = spoken;
    this.pieces = pieces;
    this.tokens = tokens;
    this.layOut(from, own);
    this.holder.classList.toggle("long", tokens.length > 2 * CHUNK);
    this.current = -1;
  }

  /**
   * Lay out the blocks from a step on; those before it stay.
   * @param {number} from the first step of a block
   * @param {number} own
   */
  layOut(from, own) {
    if (this.here.parentNode !== this.holder) this.holder.replaceChildren(this.here);
    while (this.holder.children.length > 1 + from / CHUNK) this.holder.lastElementChild?.remove();
    this.mark(-1);
    this.boxes.length = from;
    this.kinds.length = from;
    for (let start = from; start < this.tokens.length; start += CHUNK) {
      const block = make("div", { class: "block", role: "presentation" });
      for (let step = start; step < Math.min(start + CHUNK, this.tokens.length); step++) {
        const box = this.box(this.tokens[step], step, this.pieces[step], step >= own);
        this.boxes.push(box);
        this.kinds.push(box.className);
        block.append(box);
        if (box.textContent === "⏎") block.append(make("br"));
      }
      this.holder.append(block);
    }
  }

  /**
   * The first step of the first block that is to be laid out again.
   * @param {string[]} tokens
   * @param {PassageFacts["pieces"]} pieces
   */
  alike(tokens, pieces) {
    const one = (/** @type {PassageFacts["pieces"]} */ all, /** @type {number} */ step) => String(all[step] ?? "");
    let step = 0;
    while (step < Math.min(tokens.length, this.tokens.length)) {
      if (tokens[step] !== this.tokens[step] || one(pieces, step) !== one(this.pieces, step)) break;
      step++;
    }
    return Math.floor(step / CHUNK) * CHUNK;
  }

  /**
   * @param {string} token
   * @param {number} step
   * @param {[piece: number, pieces: number] | undefined} piece
   * @param {boolean} written
   */
  box(token, step, piece, written) {
    /** @type {Box} */
    const box = make("span", { role: "option" });
    box.step = step;
    box.textContent = piece && piece[0] > 1 ? "·" : token;
    if (piece) box.title = this.named(step);
    if (piece || this.spoken[token]) box.setAttribute("aria-label", this.named(step));
    box.className = (written ? "token written" : "token") + (token.length > 2 && !piece && !this.apart ? " code" : "");
    return box;
  }

  /**
   * Colour each token that lies in the window by the level of its step on a scale.
   * @param {Scale} scale
   * @param {(step: number) => number} levelAt
   * @param {[start: number, stop: number]} window
   * @param {(step: number) => boolean} [moved] has what is held changed that?
   */
  colour(scale, levelAt, [start, stop], moved = () => false) {
    // A class for each level, not a style for each token: of 20,000 tokens these would be the heaviest thing here.
    if (scale !== this.scale)
      this.levels.replaceSync(
        scale.css.map((colour, level) => `.strip .v${level}{background:${colour};color:${scale.ink[level]}}`).join(""),
      );
    this.scale = scale;
    for (let step = 0; step < this.boxes.length; step++) {
      const inside = step >= start && step < stop;
      const kind = moved(step) ? `${this.kinds[step]} moved` : this.kinds[step];
      const name = inside ? `${kind} v${levelAt(step)}` : kind;
      if (this.boxes[step].className !== name) this.boxes[step].className = name;
    }
  }

  /** @param {number} step */
  mark(step) {
    const [old, box] = [this.boxes[this.current], this.boxes[step]];
    this.current = step;
    if (box) this.point(box);
    if (old) {
      old.removeAttribute("aria-selected");
      old.removeAttribute("id");
    }
    if (!box) return;
    box.setAttribute("aria-selected", "true");
    box.id = CURRENT;
    this.holder.setAttribute("aria-activedescendant", CURRENT);
  }

  /**
   * Frame a token: by a box of its own that moves, so that the text itself is not painted again.
   * @param {Box} box
   */
  point(box) {
    const [width, height] = [box.offsetWidth, box.offsetHeight];
    const block = box.offsetParent; // of a long text, whose blocks are laid out by themselves
    const within = block instanceof HTMLElement && block !== this.holder ? block : null;
    const [left, top] = [box.offsetLeft + (within?.offsetLeft ?? 0), box.offsetTop + (within?.offsetTop ?? 0)];
    const { scrollTop, clientHeight } = this.holder;
    // Scroll the strip, and nothing around it, so that the token has a line above and below it.
    if (top - height < scrollTop) this.holder.scrollTop = top - height;
    else if (top + 2 * height > scrollTop + clientHeight) this.holder.scrollTop = top + 2 * height - clientHeight;
    this.here.style.transform = `translate(${left}px, ${top}px)`;
    this.here.style.width = `${width}px`;
    this.here.style.height = `${height}px`;
  }

  /**
   * The text up to a step, about so many characters of it; one of several bytes counts once.
   * @param {number} step
   * @param {number} count
   */
  upTo(step, count) {
    /** @type {string[]} */
    const found = [];
    const gap = this.apart ? " " : "";
    let [from, length] = [step, 0];
    for (; from >= 0 && length < count; from--) {
      if (this.pieces[from]?.[0] > 1) continue;
      found.unshift(this.tokens[from]);
      length += this.apart ? this.tokens[from].length + 1 : 1;
    }
    return (from >= 0 ? `…${gap}` : "") + found.join(gap);
  }

  /**
   * A token as a screen reader says it.
   * @param {number} step
   */
  named(step) {
    const [token, piece] = [this.tokens[step], this.pieces[step]];
    if (!piece) return this.spoken[token] ? _(this.spoken[token]) : token;
    return fill(_("byte {number} of {count} of {character}"), { number: piece[0], count: piece[1], character: token });
  }
}
