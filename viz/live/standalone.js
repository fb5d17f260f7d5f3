// A page of its own: one file, or one of a site. Model and weights are in its HTML, and nothing is asked of any server.

import { make, part, say } from "../browser/format.js";
import { _, N_, speak, wordsOf } from "../browser/locale.js";
import { ExploreView } from "./explore_view.js";
import { hashOf, optionsFrom } from "./links.js";
import { unpacked } from "./packing.js";
import { StepView } from "./step_view.js";

/** @import { Host, Options, View } from "./types" */

/**
 * What Python puts into the page (viz/live/one_file.py).
 * @typedef {{ view: View, page: string, site: boolean }} Given
 */

/** @typedef {{ show(view: View): void, leave(): void }} Shown */

/** @type {Record<string, { title: string, selector: string, make: new (root: HTMLElement, host: Host) => Shown }>} */
const PAGES = {
  explore: { title: N_("Explore"), selector: ".explore-view", make: ExploreView },
  step: { title: N_("Step"), selector: ".step-view", make: StepView },
};
const TOLD = 4000; // ms that a note stays
const EMBEDDED = /[?#&]embed\b/;

class Standalone {
  /** @param {Given} given */
  constructor({ view, page, site }) {
    speak(view.strings);
    this.root = part(document, ".standalone", HTMLElement);
    wordsOf(this.root)();
    const [first, ...others] = view.models;
    this.view = { ...view, models: [first, ...others.map((one) => ({ ...first, ...one }))] };
    this.usual = view.options;
    this.usualPage = page;
    this.options = view.options;
    this.page = "";
    /** @type {Map<string, Shown>} */
    this.shown = new Map();
    /** @type {Map<string, Promise<ArrayBuffer>>} */
    this.weights = new Map();
    this.system = matchMedia("(prefers-color-scheme: dark)");
    this.dark = this.system.matches;
    /** @type {boolean | undefined} */
    this.wanted = undefined; // dark, or light; undefined while it follows the system
    say(part(this.root, ".model", HTMLElement), first.title);
    part(this.root, ".others", HTMLElement).hidden = !site;
    this.listen();
    this.restore();
  }

  listen() {
    addEventListener("hashchange", () => this.restore());
    this.system.addEventListener("change", () => this.paint(this.wanted ?? this.system.matches));
    const press = (/** @type {string} */ name, /** @type {() => void} */ act) => {
      part(this.root, name, HTMLButtonElement).onclick = act;
    };
    press(".mode", () => {
      this.wanted = !this.dark;
      this.paint(this.wanted);
    });
    press(".copy", () => this.copy(this.address(), _("The link is copied.")));
    press(".frame", () => this.copy(frameOf(this.address(true), document.title), _("The HTML is copied.")));
  }

  /** Show what the address asks for. */
  restore() {
    document.documentElement.classList.toggle("embedded", EMBEDDED.test(location.search + location.hash));
    this.options = optionsFrom(location.hash, this.usual);
    const search = new URLSearchParams(location.hash.slice(1));
    const asked = search.get("page") ?? "";
    if (["dark", "light"].includes(search.get("theme") ?? "")) this.wanted = search.get("theme") === "dark";
    this.dark = this.wanted ?? this.system.matches;
    this.open(Object.hasOwn(PAGES, asked) ? asked : this.usualPage);
  }

  /** @param {string} page */
  open(page) {
    if (page !== this.page) {
      this.shown.get(this.page)?.leave(); // keys of a page that is not seen must do nothing
      this.shown.delete(this.page);
    }
    this.page = page;
    for (const main of document.querySelectorAll("main")) main.hidden = main.dataset.page !== page;
    if (!this.shown.has(page)) {
      const { selector, make: View } = PAGES[page];
      this.shown.set(page, new View(part(ownStyles(page), selector, HTMLElement), this.host()));
    }
    this.link();
    this.paint(this.dark);
  }

  /** @returns {Host} */
  host() {
    const links = Object.keys(PAGES).map((name) => [name, (/** @type {Options} */ one) => this.hash(one, name)]);
    return {
      weights: (id) => this.unpacked(id),
      has: () => true,
      rest: (options, version) => {
        this.options = options;
        this.view = { ...this.view, options, version };
        this.link();
      },
      links: Object.fromEntries(links),
    };
  }

  /** @param {boolean} dark */
  paint(dark) {
    this.dark = dark;
    document.documentElement.classList.add("ground");
    document.documentElement.classList.toggle("dark", dark);
    document.documentElement.classList.toggle("light", !dark);
    const mode = part(this.root, ".mode", HTMLElement);
    say(mode, dark ? _("Light") : _("Dark"));
    this.shown.get(this.page)?.show({ ...this.view, options: structuredClone(this.options) });
  }

  /** The address follows what is shown. */
  link() {
    try {
      history.replaceState(null, "", this.address(this.embedded));
    } catch {
      // In some frames a page has no address of its own: it is shown all the same.
    }
    part(this.root, ".whole", HTMLAnchorElement).href = this.address();
    part(this.root, ".whole", HTMLElement).hidden = !this.embedded;
    this.navigate();
  }

  navigate() {
    const places = Object.entries(PAGES).map(([name, { title }]) => {
      const link = make("a", { href: this.hash(this.options, name) }, _(title));
      if (name === this.page) link.setAttribute("aria-current", "page");
      return link;
    });
    const nav = part(this.root, "nav", HTMLElement);
    nav.replaceChildren(...places);
    nav.hidden = places.length < 2;
  }

  /**
   * @param {Options} options
   * @param {string} page
   * @param {boolean} [embedded]
   */
  hash(options, page, embedded = this.embedded) {
    const found = [embedded ? "embed" : "", page === this.usualPage ? "" : `page=${page}`, hashOf(options, this.usual)];
    return `#${found.filter(Boolean).join("&")}`;
  }

  /** Is it shown within another page, without what that need not have? */
  get embedded() {
    return document.documentElement.classList.contains("embedded");
  }

  /** @param {boolean} [embedded] */
  address(embedded = false) {
    return location.href.replace(/[?#].*$/s, "") + this.hash(this.options, this.page, embedded).replace(/^#$/, "");
  }

  /** @param {string} id */
  unpacked(id) {
    const known = this.weights.get(id);
    if (known) return known;
    const text = part(document, `script[data-weights="${CSS.escape(id)}"]`, HTMLScriptElement);
    const found = unpacked(text.text).catch((error) => {
      this.fail(_("The weights cannot be unpacked: this browser is too old, or the file is not whole."));
      throw error;
    });
    this.weights.set(id, found);
    return found;
  }

  /** @param {string} sentence */
  fail(sentence) {
    const place = part(this.root, ".failed", HTMLElement);
    say(place, sentence);
    place.hidden = false;
  }

  /**
   * @param {string} text
   * @param {string} done
   */
  async copy(text, done) {
    const told = part(this.root, ".told", HTMLElement);
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const field = make("textarea", { readonly: "", class: "unseen" }, text); // where a page may not use the clipboard
      this.root.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
    say(told, done);
    setTimeout(() => say(told, ""), TOLD);
  }
}

/**
 * A page of its own styles, as each component has in Streamlit, made of its template.
 * @param {string} page
 */
function ownStyles(page) {
  const main = part(document, `main[data-page="${page}"]`, HTMLElement);
  const root = main.shadowRoot ?? main.attachShadow({ mode: "open" });
  root.replaceChildren(part(main, "template", HTMLTemplateElement).content.cloneNode(true));
  return root;
}

/**
 * The HTML that shows an address within another page.
 * @param {string} address
 * @param {string} title
 */
function frameOf(address, title) {
  const frame = make("iframe", { src: address, title, width: "100%", height: 680, loading: "lazy" });
  return frame.outerHTML;
}

new Standalone(JSON.parse(part(document, "#gatescope", HTMLScriptElement).text));
