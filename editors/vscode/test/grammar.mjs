// Prints the scopes that VS Code's own engine gives the policies named, one JSON array of [text, scope] per file.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const oniguruma = require("vscode-oniguruma");
const { Registry, parseRawGrammar, INITIAL } = require("vscode-textmate");

const here = new URL("..", import.meta.url);
const wasm = readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm"));
await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));

const file = new URL("syntaxes/comity.tmLanguage.json", here);
const registry = new Registry({
  onigLib: Promise.resolve({
    createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
    createOnigString: (text) => new oniguruma.OnigString(text),
  }),
  loadGrammar: async () => parseRawGrammar(readFileSync(file, "utf8"), file.pathname),
});
const grammar = await registry.loadGrammar("source.comity");

for (const name of process.argv.slice(2)) {
  let state = INITIAL;
  const found = [];
  for (const line of readFileSync(name, "utf8").split("\n")) {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    for (const token of tokens) {
      const scope = token.scopes.find((each) => each !== "source.comity") ?? "";
      found.push([line.slice(token.startIndex, token.endIndex), scope]);
    }
    found.push(["\n", ""]);
    state = ruleStack;
  }
  console.log(JSON.stringify(found));
}
