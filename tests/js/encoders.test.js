import assert from "node:assert/strict";
import { encoderOf, UnknownPieces } from "../../viz/live/engine/encoders.js";
import { Doubtful, numberEncoder } from "../../viz/live/engine/numbers.js";
import { compare } from "./reference.js";

compare("texts become Python's classes, labels and groups, or are refused where it refuses them", ({ encoders }) => {
  let refusals = 0;
  for (const { name, encoder, readings } of encoders) {
    const encode = encoderOf(encoder);
    for (const { text, refused, tokens } of readings) {
      refusals += refused;
      if (refused) assert.throws(() => encode(text), UnknownPieces, `${name}: ${JSON.stringify(text)}`);
      else assert.deepEqual(encode(text), tokens, `${name}: ${JSON.stringify(text.slice(0, 80))}`);
    }
  }
  assert.ok(refusals > 10);
});

compare("a refusal names the pieces that are not in the vocabulary, each once", () => {
  const encode = encoderOf({ kind: "character", vocabulary: ["a", "b"] });
  assert.throws(
    () => encode("abc \u0007c"),
    (error) => {
      assert.deepEqual(error.pieces, ["c", " ", "\u0007"]);
      assert.equal(error.message, "not in the vocabulary: c ␣ ␇");
      return error instanceof UnknownPieces;
    },
  );
});

compare("typed numbers become Python's rows, or are refused where it refuses them", ({ numbers }) => {
  for (const { name, encoder, readings } of numbers) {
    const encode = numberEncoder(encoder);
    let refusals = 0;
    for (const { text, refused, rows } of readings) {
      const message = `${name}: ${JSON.stringify(text)}`;
      refusals += refused;
      if (refused) assert.throws(() => encode(text), Doubtful, message);
      else {
        const found = encode(text);
        assert.deepEqual([found.labels, found.groups], [rows.labels, rows.groups], message);
        assert.equal(found.values.length, rows.values.length, message);
        for (const [step, row] of rows.values.entries())
          assert.deepEqual(found.values[step], Float32Array.from(row), message);
      }
    }
    assert.ok(refusals > 10 && refusals < readings.length - 5, `${name}: ${refusals}`);
  }
});
