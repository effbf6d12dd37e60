// Compiles the contracts beside it: {"Name": "bytecode", ...} on standard output.
const fs = require('fs');
const solc = require('solc');
const names = fs.readdirSync(__dirname).filter((name) => name.endsWith('.sol'));
const sources = Object.fromEntries(names.map((name) => [name, { content: fs.readFileSync(`${__dirname}/${name}`, 'utf8') }]));
const settings = { evmVersion: 'paris', optimizer: { enabled: true }, outputSelection: { '*': { '*': ['evm.bytecode.object'] } } };
const find = (path) => (sources[path] ? { contents: sources[path].content } : { error: 'not found' });
const output = JSON.parse(solc.compile(JSON.stringify({ language: 'Solidity', sources, settings }), { import: find }));
const errors = (output.errors || []).filter((one) => one.severity === 'error');
if (errors.length > 0) {
  console.error(errors.map((one) => one.formattedMessage).join('\n'));
  process.exit(1);
}
const compiled = {};
for (const file of Object.values(output.contracts)) {
  for (const [name, one] of Object.entries(file)) compiled[name] = one.evm.bytecode.object;
}
console.log(JSON.stringify(compiled));
