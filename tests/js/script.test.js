import assert from "node:assert/strict";
import { compare } from "./reference.js";

compare("modules that Python joins into one script see each other's exports alone", async ({ script }) => {
  const { default: entry } = await import(`data:text/javascript,${encodeURIComponent(script)}`);
  assert.deepEqual(entry(), [42, 22, 21]);
});
