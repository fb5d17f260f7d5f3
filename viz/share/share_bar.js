// What one does with a page as a whole, in its top right corner: copy its link, show that as a QR code, turn the theme,
// present it. `present=1` in the address is of this module alone: address.js leaves it as it is.

import { part, say } from "../browser/format.js";
import { _, speak, wordsOf } from "../browser/locale.js";
import { mount } from "../browser/mount.js";

/** @import { Call } from "../browser/types" */

/** @typedef {{ strings?: Record<string, string>, paths: string[], presenting: boolean }} Sent */

const PRESENT = "present";
const REST = 700; // ms until a page is told what was typed last
const PATIENCE = 5000; // ms that it has to put that into the address
const RECENT = 3000; // ms: what was typed before is in the address, or never will be
const SHOWN = 2000; // ms that "Copied" stays
const THEME = "stActiveTheme"; // Streamlit keeps the reader's choice in the browser, by the path of the first page
const VERSION = "v2";

let presented = new URLSearchParams(location.search).get(PRESENT) === "1"; // also on the page that a click leads to

class ShareBar {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.words = wordsOf(root);
    /** @type {Call<Sent>["setTriggerValue"]} */
    this.trigger = () => {};
    /** @type {string[]} */
    this.paths = [];
    this.left = new AbortController();
    const button = (/** @type {string} */ name) => part(root, `button.${name}`, HTMLButtonElement);
    this.copy = button("copy");
    this.copy.onclick = () => this.copyLink();
    button("code").onclick = () => this.settled().then(() => this.trigger("code", location.href));
    button("theme").onclick = () => this.turn();
    this.present = button("present");
    this.present.onclick = () => this.presentIt(!presented);
    this.typed = { address: "", when: Number.NEGATIVE_INFINITY }; // last: at which address, and when
    const { signal } = this.left;
    addEventListener("keydown", (event) => this.onKey(event), { signal });
    addEventListener("input", () => this.onInput(), { capture: true, signal });
  }

  /** @param {Call<Sent>} call */
  receive({ data, setTriggerValue }) {
    this.trigger = setTriggerValue;
    this.paths = data.paths;
    speak(data.strings);
    this.words();
    this.root.hidden = new URLSearchParams(location.search).get("embed") === "true";
    this.presentIt(presented, data.presenting);
  }

  /** What was typed a moment ago may not be in the address yet: then the link is copied again once it is. */
  async copyLink() {
    const first = location.href;
    await toClipboard(first);
    say(part(this.root, ".told", HTMLElement), _("Copied"));
    this.copy.textContent = _("Copied");
    setTimeout(() => {
      this.copy.textContent = _("Copy link");
    }, SHOWN);
    await this.settled();
    if (location.href !== first) await toClipboard(location.href);
  }

  /** Streamlit reads the theme as the page is loaded; the address brings back what is shown. */
  async turn() {
    const dark = getComputedStyle(this.root).colorScheme.includes("dark");
    for (const path of new Set([...this.paths, location.pathname]))
      localStorage.setItem(`${THEME}-${path}-${VERSION}`, JSON.stringify(dark ? "Light" : "Dark"));
    await this.settled();
    location.reload();
  }

  /**
   * The server draws its figures larger: it is told where it knows otherwise.
   * @param {boolean} on
   * @param {boolean} known what the server takes it for
   */
  presentIt(on, known = !on) {
    presented = on;
    const address = new URL(location.href);
    if ((address.searchParams.get(PRESENT) === "1") !== on) {
      if (on) address.searchParams.set(PRESENT, "1");
      else address.searchParams.delete(PRESENT);
      history.replaceState(history.state, "", address);
    }
    this.wear();
    if (known !== on) this.trigger("presenting", on ? "on" : "off");
  }

  /** Figures and components fit themselves to the window: a change of the type is one for them. */
  wear() {
    const { classList } = document.documentElement;
    this.present.textContent = presented ? _("End") : _("Present");
    if (classList.contains("presenting") === presented) return;
    classList.toggle("presenting", presented);
    dispatchEvent(new Event("resize"));
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.key === "Escape" && presented && !event.defaultPrevented) this.presentIt(false);
  }

  onInput() {
    this.typed = { address: location.href, when: performance.now() };
  }

  /** Once the page has been told what was typed, has run, and has put it into the address: over a slow line each takes a while. */
  async settled() {
    const start = performance.now();
    const { address, when } = this.typed;
    const due = start - when < RECENT;
    const app = document.querySelector(".stApp");
    const running = () => app?.getAttribute("data-test-script-state") === "running";
    do await new Promise((resolve) => setTimeout(resolve, REST));
    while ((running() || (due && location.href === address)) && performance.now() - start < PATIENCE);
  }

  leave() {
    this.left.abort();
  }
}

/**
 * Without https a browser has no clipboard for scripts, but it copies what is selected.
 * @param {string} text
 */
async function toClipboard(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

export default mount(".share-bar", (root) => new ShareBar(root));
