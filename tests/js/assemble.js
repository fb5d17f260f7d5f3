// `make kernel`: assembles viz/live/engine/kernel.wat into kernel_code.js. With --check it fails where these differ.

import { readFileSync, writeFileSync } from "node:fs";
import wabt from "wabt";

const SOURCE = new URL("../../viz/live/engine/kernel.wat", import.meta.url);
const TARGET = new URL("../../viz/live/engine/kernel_code.js", import.meta.url);

const { parseWat } = await wabt();
const parsed = parseWat("kernel.wat", readFileSync(SOURCE, "utf-8"), { simd: true });
const { buffer } = parsed.toBinary({});
const wanted = `// Made by \`make kernel\` from kernel.wat: WebAssembly, in base64.

export const CODE =
  "${Buffer.from(buffer).toString("base64")}";
`;
if (!process.argv.includes("--check")) writeFileSync(TARGET, wanted);
else if (readFileSync(TARGET, "utf-8") !== wanted) {
  console.error("kernel_code.js is not what kernel.wat assembles to: run `make kernel`");
  process.exit(1);
}
