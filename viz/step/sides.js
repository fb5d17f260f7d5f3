// One article for each model on the stage, made from the template in stepper.html.

import { part } from "../browser/format.js";
import { Arithmetic } from "./arithmetic.js";
import { Elman } from "./elman.js";
import { Gru } from "./gru.js";
import { Lstm } from "./lstm.js";
import { Miniature } from "./miniature.js";
import { Prediction } from "./prediction.js";

/** @import { Cell, Side, Told } from "./types" */

const DRAWINGS = { LSTM: Lstm, GRU: Gru, RNN: Elman };

/**
 * @param {HTMLElement} root
 * @param {number} count
 * @param {Cell} cell
 * @param {Told} told
 * @returns {Side[]}
 */
export function furnish(root, count, cell, { onUnit, onStep, onWhy, onHold }) {
  const template = part(root, "template.side", HTMLTemplateElement);
  const holder = part(root, ".sides", HTMLElement);
  holder.replaceChildren();
  holder.classList.toggle("two", count > 1);
  return Array.from({ length: count }, (_, index) => {
    const article = part(/** @type {DocumentFragment} */ (template.content.cloneNode(true)), "article", HTMLElement);
    holder.append(article);
    const named = (/** @type {string} */ name) => part(article, `.${name}`, HTMLElement);
    return {
      article,
      title: named("title"),
      cell: new DRAWINGS[cell.type](named("diagram"), { onUnit, cell, onHold: index ? undefined : onHold }),
      arithmetic: new Arithmetic(named("arithmetic"), { onUnit, cell }),
      prediction: new Prediction(named("prediction"), { onUnit, onWhy }),
      miniature: new Miniature(named("miniature"), { onStep }),
    };
  });
}
