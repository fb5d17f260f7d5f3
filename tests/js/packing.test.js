import assert from "node:assert/strict";
import { unpacked } from "../../viz/live/packing.js";
import { compare } from "./reference.js";

compare("what Python packs is unpacked to the bit", async ({ packed }) => {
  assert.ok(packed.length > 5);
  for (const { bytes, text } of packed) assert.deepEqual([...new Uint8Array(await unpacked(text))], bytes);
});
