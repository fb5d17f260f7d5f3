// One model's reading of one passage in one layer: every number that the page shows comes from here.
//
// Arrays are float32 as recorded; sums are made in float64 by the equations of lstm_core/cells.py. Of a very large
// recording the gates and the candidate come as 256 levels, for colours; their numbers are then worked out here.

const sigmoid = (a) => 1 / (1 + Math.exp(-a));

export class Reading {
  constructor({ title, weights, recording, reverse, units }) {
    this.title = title;
    this.units = units;
    this.reverse = reverse;
    this.start = recording.facts.start;
    this.stop = recording.facts.stop;
    this.facts = recording.facts;
    this.features = recording.facts.shapes.read[1];
    this.gates = weights.facts.gates;
    this.known = {};
    this.arrays = { ...weights.arrays, ...recording.arrays };
  }

  has(step) {
    return step >= this.start && step < this.stop;
  }

  value(signal, step, unit) {
    const array = this.arrays[signal];
    if (array instanceof Uint8Array) {
      const { sum } = this.terms(signal, unit, step);
      return signal === "candidate" ? Math.tanh(sum) : sigmoid(sum);
    }
    return array[(step - this.start) * this.units + unit];
  }

  /** Which colour of its scale a value has, from 0 to 255. */
  level(signal, step, unit, scale) {
    const value = this.arrays[signal][(step - this.start) * this.units + unit];
    return this.arrays[signal] instanceof Uint8Array ? value : scale.level(value);
  }

  /** All units of a signal at a step: its values, or its levels where only these were sent. */
  column(signal, step) {
    const from = (step - this.start) * this.units;
    return this.arrays[signal].subarray(from, from + this.units);
  }

  /** All units of the cell or hidden state one step earlier, as this layer reads. */
  columnBefore(signal, step) {
    const earlier = this.reverse ? step + 1 : step - 1;
    return this.has(earlier) ? this.column(signal, earlier) : this.arrays[`before_${signal}`];
  }

  /** The three terms of a gate's pre-activation, and their sum. */
  terms(gate, unit, step) {
    // The drawing and the arithmetic ask for the same ones.
    if (this.known.unit !== unit || this.known.step !== step) this.known = { unit, step };
    return (this.known[gate] ??= this.sumUp(gate, unit, step));
  }

  sumUp(gate, unit, step) {
    const row = this.gates.indexOf(gate) * this.units + unit;
    const { weight_ih, weight_hh, bias, read } = this.arrays;
    const from = this.arrays.row[step - this.start] * this.features;
    let input = 0;
    for (let k = 0; k < this.features; k++) input += weight_ih[row * this.features + k] * read[from + k];
    const earlier = this.columnBefore("hidden", step);
    let recurrent = 0;
    for (let k = 0; k < this.units; k++) recurrent += weight_hh[row * this.units + k] * earlier[k];
    return { input, recurrent, bias: bias[row], sum: input + recurrent + bias[row] };
  }

  /** Which units of the earlier hidden state pushed a gate hardest, up or down? */
  pushes(gate, unit, step, count) {
    const row = (this.gates.indexOf(gate) * this.units + unit) * this.units;
    const earlier = this.columnBefore("hidden", step);
    const every = Array.from(earlier, (hidden, source) => {
      const weight = this.arrays.weight_hh[row + source];
      return { unit: source, hidden, weight, push: weight * hidden };
    });
    return every.sort((one, other) => Math.abs(other.push) - Math.abs(one.push)).slice(0, count);
  }

  /** What kind of thing the model says: "next", "legal", "labels" or "values". */
  get says() {
    return this.facts.says;
  }

  /** Tokens expected next after a step, the likeliest first, or all labels: {label, class, chance, before, fallen}. */
  expected(step) {
    const { labels, likeliest, shapes } = this.facts;
    const ranks = shapes.expected[1];
    const from = (step - this.start) * ranks;
    return Array.from({ length: ranks }, (_, rank) => {
      const number = this.arrays.expected[from + rank];
      return {
        label: labels[number],
        class: number,
        chance: this.arrays.probability[from + rank],
        before: this.arrays.probability_before[from + rank],
        fallen: rank >= likeliest,
      };
    });
  }

  /** The values that the model says after a step: {name, digits, value, before, came}; NaN where there is none. */
  values(step) {
    const { names, digits } = this.facts;
    const { value, value_before, value_came } = this.arrays;
    const from = (step - this.start) * names.length;
    return names.map((name, number) => ({
      name,
      digits: digits[number],
      value: value[from + number],
      before: value_before[from + number],
      came: value_came ? value_came[from + number] : NaN,
    }));
  }

  /** The class that did come next, -1 where the text ends and where nothing was expected. */
  came(step) {
    return this.arrays.came ? this.arrays.came[step - this.start] : -1;
  }

  /** Bits of surprise at the token of a step; NaN at the first and where nothing was expected. */
  surprise(step) {
    return this.arrays.surprise ? this.arrays.surprise[step - this.start] : NaN;
  }
}
