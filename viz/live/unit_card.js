// The card of the selected unit: its signals, what it does, and why the model predicts what it predicts.

import { part } from "../browser/format.js";
import { Card } from "./card.js";
import { explained } from "./prediction_answer.js";
import { PredictionBars } from "./prediction_bars.js";
import { Tabs } from "./tabs.js";
import { UnitFacts } from "./unit_facts.js";
import { UnitLine } from "./unit_line.js";

/** @import { Shown } from "./card.js" */
/** @import { LiveModel } from "./model.js" */
/** @import { Options } from "./types" */

export class UnitCard {
  /**
   * @param {HTMLElement} holder
   * @param {{ onUnit: (layer: string, unit: number) => void, onCard: (card: Options["card"]) => void,
   *   untrained: () => LiveModel | undefined, onFollow: () => void }} told
   */
  constructor(holder, { onUnit, onCard, untrained, onFollow }) {
    /** @type {Shown | null} */
    this.shown = null;
    this.signals = new Card(holder);
    this.line = new UnitLine(part(holder, ".unit-line", HTMLElement), onFollow);
    this.does = new UnitFacts(part(holder, "#unit-does", HTMLElement), untrained);
    const repaint = () => this.shown && this.draw(this.shown);
    this.because = new PredictionBars(part(holder, ".because", HTMLElement), { onUnit, onClass: repaint });
    this.tabs = new Tabs(part(holder, ".tabs", HTMLElement), holder, () =>
      onCard(/** @type {Options["card"]} */ (this.tabs.name)),
    );
  }

  leave() {
    clearTimeout(this.does.later);
    clearTimeout(this.because.later);
  }

  /**
   * Only the tab that is shown costs anything; it is that of `card`.
   * @param {Shown} shown
   * @param {Options["card"]} card
   */
  paint(shown, card) {
    this.tabs.show(card);
    this.draw(shown);
  }

  /**
   * What is known of the unit, above all tabs.
   * @param {import("./unit_line.js").Told} told
   */
  tell(told) {
    this.line.show(told);
  }

  /** @param {Shown} shown */
  draw(shown) {
    if (shown.model.facts.weights !== this.shown?.model.facts.weights) this.because.wanted = null;
    this.shown = shown;
    const { model, layer, unit, step } = shown;
    this.signals.place(shown);
    if (this.tabs.name === "signals") this.signals.paint(shown);
    else if (this.tabs.name === "does") this.does.paint(shown);
    else {
      const answer = model.steps ? explained(model, step, this.because.wanted) : null;
      this.because.paint(answer, { layer, unit, selectable: () => true });
    }
  }
}
