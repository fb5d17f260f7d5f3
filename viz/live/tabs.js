// Tabs, of which one is shown: chosen by a click, or by the arrow keys as a list of tabs is.

export class Tabs {
  /**
   * @param {HTMLElement} list role=tablist; each of its tabs names its panel by aria-controls
   * @param {ParentNode} within where the panels are
   * @param {() => void} onChoose
   */
  constructor(list, within, onChoose) {
    this.tabs = Array.from(list.querySelectorAll("button"));
    this.panels = this.tabs.map((tab) => {
      const panel = within.querySelector(`#${tab.getAttribute("aria-controls")}`);
      if (!(panel instanceof HTMLElement)) throw new Error(`the tab ${tab.id} has no panel`);
      return panel;
    });
    this.onChoose = onChoose;
    this.chosen = 0;
    for (const [at, tab] of this.tabs.entries()) tab.onclick = () => this.choose(at);
    list.onkeydown = (event) => this.onKey(event);
  }

  /** The name of the tab that is shown. */
  get name() {
    return this.tabs[this.chosen].dataset.tab ?? "";
  }

  /** @param {number} at */
  choose(at) {
    this.open(at);
    this.onChoose();
  }

  /**
   * Show a tab that nobody has clicked; the first where there is none of that name.
   * @param {string} name
   */
  show(name) {
    const at = Math.max(
      this.tabs.findIndex(({ dataset }) => dataset.tab === name),
      0,
    );
    if (at !== this.chosen) this.open(at);
  }

  /** @param {number} at */
  open(at) {
    this.chosen = at;
    for (const [place, tab] of this.tabs.entries()) {
      tab.setAttribute("aria-selected", String(place === at));
      tab.tabIndex = place === at ? 0 : -1;
      this.panels[place].hidden = place !== at;
    }
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const last = this.tabs.length - 1;
    /** @type {Record<string, number>} */
    const places = {
      ArrowLeft: this.chosen ? this.chosen - 1 : last,
      ArrowRight: this.chosen < last ? this.chosen + 1 : 0,
      Home: 0,
      End: last,
    };
    const to = places[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.choose(to);
    this.tabs[to].focus();
  }
}
