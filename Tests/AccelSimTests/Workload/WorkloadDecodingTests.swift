import AccelSim
import Testing

/// What is wrong with a workload file is said with its place, all of it together.
@Suite struct WorkloadDecodingTests {
  private func problems(_ text: String) -> String {
    do {
      _ = try Workload(json: text, file: "w.json")
      return ""
    } catch { return error.description }
  }

  /// A workload of one operator, a line each for tensors and operators.
  private func text(_ tensors: [String], _ steps: [String]) -> String {
    "{\"name\": \"w\", \"tensors\": [\n\(tensors.joined(separator: ",\n"))],\n\"operators\": [\n"
      + steps.joined(separator: ",\n") + "]}"
  }

  private let x = #"{"name": "x", "shape": [4, 6], "role": "input"}"#
  private let w = #"{"name": "w", "shape": [6, 8], "role": "weight"}"#
  private let y = #"{"name": "y"}"#

  @Test func everythingThatCannotBeRead() {
    let found = problems(
      text(
        [x, #"{"name": "w", "shpe": [6], "type": "int9", "role": "weight"}"#],
        [
          #"{"name": "m", "kind": "matmull", "inputs": ["x"], "output": "y"}"#,
          #"{"name": 3, "kind": "matmul", "slices": 0, "bias": "rows", "inputs": [], "output": "y"}"#,
          #"{"kind": "softmax", "axis": 1, "inputs": "x", "output": "y"}"#,
        ]))
    #expect(
      found == """
        w.json:3:15: tensors[1].shpe: found an unknown key; expected a key of tensors[1]; did you \
        mean shape?
        w.json:3:36: tensors[1].type: found "int9"; expected "int8" or "int32" or "fp32"; did you \
        mean "int8"?
        w.json:5:23: operators[0].kind: found "matmull"; expected a kind of operator; did you mean \
        "matmul"?
        w.json:6:10: operators[1].name: found 3; expected text
        w.json:6:41: operators[1].slices: found 0; expected a whole number 1...1073741824
        w.json:6:52: operators[1].bias: found "rows"; expected "none" or "row" or "full"; did you \
        mean "row"?
        w.json:7:1: operators[2]: found no key "name"; expected it to be there
        w.json:7:21: operators[2].axis: found an unknown key; expected a key of operators[2]
        w.json:7:42: operators[2].inputs: found "x"; expected a list
        """)
  }

  /// Each a file that can be read, with the end of the one message about it.
  @Test func whatDoesNotFitTogether() {
    func matmul(_ attributes: String = "", inputs: String = #""x", "w""#, output: String = "y")
      -> String
    {
      #"{"name": "m", "kind": "matmul", "inputs": [\#(inputs)], "output": "\#(output)"\#(attributes)}"#
    }
    func step(_ kind: String, _ inputs: String, _ attributes: String = "") -> String {
      #"{"name": "s", "kind": "\#(kind)", "inputs": [\#(inputs)], "output": "y"\#(attributes)}"#
    }
    let image = #"{"name": "i", "shape": [1, 8, 8, 4], "role": "input"}"#
    let cases: [([String], [String], String)] = [
      (
        [x, #"{"name": "w", "shape": [5, 8], "role": "weight"}"#, y], [matmul()],
        "w.json:6:1: operators[0]: found operator \"m\": A [4, 6] with 6 inner elements and "
          + "B [5, 8] with 5; expected the same number"
      ),
      (
        [x, w, #"{"name": "y", "shape": [8, 4]}"#], [matmul()],
        "found operator \"m\": output [8, 4]; expected [4, 8]"
      ),
      (
        [x, w, y], [matmul(", \"slicingB\": \"columns\", \"slices\": 3")],
        "found operator \"m\": B [6, 8]; expected [1 * rows, 3 * columns]"
      ),
      (
        [x, w, y], [matmul(", \"slices\": 2")],
        "found operator \"m\": slicingC \"shared\" for 2 products; expected \"columns\" or "
          + "\"leading\""
      ),
      ([x, w, y], [matmul(inputs: "\"x\"")], "expected 2: A, B; with a bias, the bias (int32)"),
      (
        [x, w, y], [matmul(inputs: "\"x\", \"ww\"")],
        "found no tensor \"ww\"; expected the name of a tensor; did you mean \"w\"?"
      ),
      ([x, w, y], [matmul(output: "x")], "found the input \"x\"; expected a tensor with the role"),
      (
        [x, w, y], [matmul(inputs: "\"y\", \"w\"")],
        "found \"y\" before an operator writes it; expected an earlier result"
      ),
      (
        [x, w, y, w], [matmul()], "w.json:5:10: tensors[3].name: found \"w\" again"
      ),
      (
        [x, #"{"name": "w", "shape": [6, 0], "role": "weight"}"#, y], [matmul()],
        "w.json:3:24: tensors[1].shape: found the size 0; expected 1 to 8 sizes"
      ),
      (
        [x, #"{"name": "w", "shape": [6, 4611686018427387904], "role": "weight"}"#, y],
        [matmul()], "found [6, 4611686018427387904], too many elements"
      ),
      (
        [x, #"{"name": "w", "shape": [6, -1], "role": "weight"}"#, y], [matmul()],
        "found the size -1"
      ),
      ([x, #"{"name": "w", "role": "weight"}"#, y], [matmul()], "found no shape"),
      (
        [x, #"{"name": "w", "shape": [6, 8], "type": "int32", "role": "weight"}"#, y],
        [matmul()], "found operator \"m\": \"w\" of type int32; expected int8"
      ),
      ([x, w, y], [step("residual", "\"x\", \"w\"")], "[4, 6] and [6, 8]; expected one shape"),
      (
        [image, y], [step("maxPool", "\"i\"", ", \"size\": 9")],
        "a window of 9 over 8 pixels with 0 of padding; expected a window that fits"
      ),
      (
        [image, w, y], [step("convolution", "\"i\", \"w\"", ", \"kernel\": 3")],
        "weights [6, 8] for x [1, 8, 8, 4]; expected [3, 3, 4, outputs]"
      ),
      (
        [x, y], [step("reshape", "\"x\"", ", \"shape\": [5, 5]")],
        "[4, 6] as [5, 5]; expected 24 elements"
      ),
      (
        [x, w, y], [step("concat", "\"x\", \"w\"")],
        "[4, 6] and [6, 8]; expected shapes that differ only along axis 1"
      ),
      (
        [
          #"{"name": "a", "shape": [1048576, 1048576], "role": "input"}"#,
          #"{"name": "b", "shape": [1048576, 1048576], "role": "input"}"#, y,
        ], [matmul(inputs: "\"a\", \"b\"")], "multiply-accumulates; expected at most 2^46"
      ),
      (
        [#"{"name": "i", "shape": [1, 1, 1, 1099511627776], "role": "input"}"#, y],
        [step("maxPool", "\"i\"", ", \"size\": 4096, \"padding\": 4095, \"stride\": 1")],
        "expected at most 2^46"
      ),
      (
        [#"{"name": "i", "shape": [1, 1, 1, 1099511627776], "role": "input"}"#, y],
        [step("maxPool", "\"i\"", ", \"size\": 2, \"padding\": 1, \"stride\": 1")],
        "found operator \"s\": a result of [1, 2, 2, 1099511627776]; expected 1 to 8 sizes"
      ),
      (
        [
          #"{"name": "i", "shape": [1099511627776], "type": "int32", "role": "input"}"#,
          #"{"name": "t", "shape": [1, 1099511627776], "role": "weight"}"#, y,
        ],
        [step("embedding", "\"i\", \"t\"")],
        "a result of [1099511627776, 1099511627776]; expected 1 to 8 sizes"
      ),
      ([x, w, y], [matmul(), matmul()], "found \"m\" again; expected each operator once"),
      (
        [x, w, y, #"{"name": "z"}"#], [matmul()],
        "w.json:5:1: tensors[3]: found the activation \"z\" that no operator writes"
      ),
      ([x], [], "operators: found 0 operators; expected 1 to 16384"),
    ]
    for (tensors, steps, message) in cases {
      let found = problems(text(tensors, steps))
      #expect(found.contains(message), "\(found)")
    }
  }

  @Test func shapesOfResults() throws {
    let workload = try Workload(
      json: text(
        [
          #"{"name": "i", "shape": [2, 10, 12, 6], "role": "input"}"#,
          #"{"name": "k", "shape": [3, 3, 3, 8], "role": "weight"}"#, #"{"name": "c"}"#,
          #"{"name": "p"}"#, #"{"name": "g"}"#,
        ],
        [
          #"{"name": "c", "kind": "convolution", "kernel": 3, "padding": 2, "dilation": 2, "#
            + #""groups": 2, "stride": 2, "poolSize": 2, "inputs": ["i", "k"], "output": "c"}"#,
          #"{"name": "p", "kind": "maxPool", "size": 2, "stride": 2, "roundsUp": true, "#
            + #""inputs": ["c"], "output": "p"}"#,
          #"{"name": "g", "kind": "globalAverage", "inputs": ["p"], "output": "g"}"#,
        ]))
    // 10 + 4 - 5 = 9, so 5 rows; 6 columns; the pool leaves 4 and 5.
    #expect(workload["c"].shape == [2, 4, 5, 8])
    #expect(workload["p"].shape == [2, 2, 3, 8])
    #expect(workload["g"].shape == [2, 8])
    #expect(workload.macs == 2 * 5 * 6 * 8 * 3 * 9)
  }

  @Test func aWorkloadFromCodeIsCheckedToo() {
    var pool = WorkloadMaxPool()
    pool.stride = 0
    #expect(throws: InvalidWorkload.self) {
      try Workload(
        name: "w",
        tensors: [
          WorkloadTensor(name: "x", shape: [1, 4, 4, 1], role: .input),
          WorkloadTensor(name: "y", shape: [1, 2, 2, 1]),
        ],
        operators: [
          WorkloadOperator(name: "p", kind: .maxPool(pool), inputs: ["x"], output: "y")
        ])
    }
  }
}
