// Perfetto's own trace processor, as its user interface ships it (engine_bundle.js and
// trace_processor.wasm), as a filter: requests on standard input, answers on standard output, each
// a length of 4 bytes and as many bytes of TraceProcessorRpcStream.
//
// node trace-processor.js FOLDER
'use strict';
const fs = require('fs');
process.chdir(process.argv[2]);
global.self = global;
console.log = console.warn = () => {};
const bundle = fs.readFileSync('engine_bundle.js', 'utf8')
  .replace('const wasmBridge = new', 'const wasmBridge = self.bridge = new');
new Function('require', '__dirname', bundle)(require, process.cwd());

function readExactly(count) {
  const bytes = Buffer.alloc(count);
  for (let at = 0; at < count;) {
    const part = fs.readSync(0, bytes, at, count - at);
    if (part === 0) return null;
    at += part;
  }
  return bytes;
}

self.bridge.whenInitialized.then(() => {
  const port = {
    postMessage(data) {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(data.length);
      fs.writeSync(1, Buffer.concat([length, Buffer.from(data)]));
    },
  };
  self.onmessage({data: {enginePort: port}});
  for (;;) {
    const length = readExactly(4);
    if (length === null) process.exit(0);
    port.onmessage({data: new Uint8Array(readExactly(length.readUInt32LE()))});
  }
});
