// One article for each model on the stage, made from the template in stepper.html.

import { Arithmetic } from "./arithmetic.js";
import { Elman } from "./elman.js";
import { Gru } from "./gru.js";
import { Lstm } from "./lstm.js";
import { Miniature } from "./miniature.js";
import { Prediction } from "./prediction.js";

const DRAWINGS = { LSTM: Lstm, GRU: Gru, RNN: Elman };

export function furnish(root, count, cell, { onUnit, onStep }) {
  const template = root.querySelector("template.side");
  const holder = root.querySelector(".sides");
  holder.replaceChildren();
  holder.classList.toggle("two", count > 1);
  return Array.from({ length: count }, () => {
    const article = template.content.firstElementChild.cloneNode(true);
    holder.append(article);
    const part = (name) => article.querySelector(`.${name}`);
    return {
      article,
      title: part("title"),
      cell: new DRAWINGS[cell.type](part("diagram"), { onUnit, cell }),
      arithmetic: new Arithmetic(part("arithmetic"), { onUnit, cell }),
      prediction: new Prediction(part("prediction")),
      miniature: new Miniature(part("miniature"), { onStep }),
    };
  });
}
