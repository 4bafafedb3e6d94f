import SystolicCore
import Testing

@testable import AccelSim

/// Graphs of users whose tensors cannot stand where they would have to, or whose types do not fit:
/// one error that names the operator, or results that are right.
struct NetworkLayoutTests {
  /// What is wrong with a network of these tensors and operators; `nil` if it runs, and its results
  /// with random data are right.
  private func problem(
    _ tensors: String, _ operators: String, on preset: String = "gemmini-default"
  ) throws -> String? {
    let machine = try NetworkCheckTests.machine(preset)
    do {
      let workload = try Workload(
        json: #"{"name": "w", "tensors": [\#(tensors)], "operators": [\#(operators)]}"#,
        file: "w.json")
      _ = try NetworkPlan(workload, on: machine)
      let check = try NetworkCheck(workload, on: machine, seed: 1)
      return check.passed ? nil : check.text()
    } catch let error as NetworkError {
      return error.description
    } catch let error as InvalidWorkload {
      return error.description
    }
  }

  private let given = #"""
    {"name": "x", "shape": [16, 16], "role": "input"},
    {"name": "w", "shape": [16, 16], "role": "weight"}, {"name": "y"}, {"name": "z"},
    """#

  /// Matmuls of x with w, `y` and `z`.
  private let products = #"""
    {"name": "m", "kind": "matmul", "inputs": ["x", "w"], "output": "y"},
    {"name": "n", "kind": "matmul", "inputs": ["x", "w"], "output": "z"},
    """#

  @Test func oneTensorInTwoPlaces() throws {
    func concat(_ name: String, _ inputs: String) -> String {
      #"{"name": "\#(name)", "kind": "concat", "inputs": [\#(inputs)], "output": "\#(name)"}"#
    }
    let (c, d) = (#"{"name": "c"}"#, #"{"name": "d"}"#)
    let twice = try problem(given + c, products + concat("c", #""y", "y", "z""#))
    #expect(
      twice == "operator 'c' (concat of [16, 16] x [16, 16] x [16, 16]): 'y' is part of 'c' "
        + "already, and a tensor stands in one place; compute it a second time for 'c'")
    let crossed = try problem(
      given + c + "," + d, products + concat("c", #""y", "z""#) + "," + concat("d", #""z", "y""#))
    #expect(
      crossed?.contains("operator 'd' (concat of [16, 16] x [16, 16]): 'z' is part of 'c'") == true)
    // A concat inside a concat is fine.
    let nested = try problem(
      given + c + "," + d + #", {"name": "v"}"#,
      products + concat("c", #""y", "z""#)
        + #", {"name": "o", "kind": "matmul", "inputs": ["x", "w"], "output": "v"},"#
        + concat("d", #""c", "v""#))
    #expect(nested == nil)
  }

  @Test func aCacheIsAppendedToOnceAndBeforeItIsRead() throws {
    let caches = #"""
      {"name": "x", "shape": [1, 8], "role": "input"}, {"name": "w", "shape": [8, 8],
      "role": "weight"}, {"name": "k"}, {"name": "a", "shape": [4, 8], "role": "cache"},
      {"name": "b", "shape": [4, 8], "role": "cache"}, {"name": "y"}
      """#
    let row = #"{"name": "m", "kind": "matmul", "inputs": ["x", "w"], "output": "k"},"#
    let read =
      #"{"name": "s", "kind": "matmul", "inputs": ["x", "a"], "output": "y", "transposeB": true}"#
    func append(_ cache: String) -> String {
      #"{"name": "to\#(cache)", "kind": "cacheAppend", "inputs": ["k"], "output": "\#(cache)"}"#
    }
    #expect(try problem(caches, row + append("a") + "," + read) == nil)
    let two = try problem(caches, row + append("a") + "," + append("b") + "," + read)
    #expect(two?.contains("operator 'tob' (cacheAppend of [1, 8]): 'k' is part of 'a'") == true)
    let late = try problem(caches, row + read + "," + append("a"))
    #expect(late?.contains("'s' reads 'a' when the new rows stand in it already") == true)
  }

  /// Only products and the host know rows with a gap between them.
  @Test func partsOfWiderTensors() throws {
    let concat = #"{"name": "c", "kind": "concat", "inputs": ["r", "z"], "output": "c"}"#
    let tensors = given + #"{"name": "r"}, {"name": "c"}"#
    let gelu =
      #"{"name": "g", "kind": "activation", "function": "gelu", "inputs": ["y"], "output": "r"},"#
    #expect(try problem(tensors, products + gelu + concat) == nil)
    let unit = try problem(tensors, products + gelu + concat, on: "gemmini-fp")
    #expect(
      unit == "operator 'g' (activation of [16, 16]): 'r' is part of a wider tensor, 32 elements "
        + "from row to row; this operator takes and gives whole tensors only")
    let sum = #"{"name": "g", "kind": "residual", "inputs": ["x", "y"], "output": "r"},"#
    #expect(
      try problem(tensors, products + sum + concat)?.contains("'r' is part of a wider") == true)
    let averages = try problem(
      #"{"name": "i", "shape": [2, 4, 4, 16], "role": "input"}, {"name": "a"}, {"name": "b"}, "#
        + #"{"name": "c"}"#,
      #"{"name": "a", "kind": "globalAverage", "inputs": ["i"], "output": "a"},"#
        + #"{"name": "b", "kind": "globalAverage", "inputs": ["i"], "output": "b"},"#
        + #"{"name": "c", "kind": "concat", "inputs": ["a", "b"], "output": "c"}"#)
    #expect(
      averages?.contains("operator 'a' (globalAverage of [2, 4, 4, 16]): 'a' is part") == true)
    let reshaped = try problem(
      given + #"{"name": "r"}, {"name": "v", "shape": [8, 5], "role": "input"}, {"name": "c"}"#,
      products + #"{"name": "r", "kind": "reshape", "shape": [8, 32], "inputs": ["y"], "#
        + #""output": "r"}, {"name": "c", "kind": "concat", "inputs": ["r", "v"], "output": "c"}"#)
    #expect(
      reshaped?.contains("'r' is written in rows of 16 elements, as 'y', and joined in rows of 32")
        == true)
    let seen = try problem(
      given + #"{"name": "r"}, {"name": "c"}"#,
      products + #"{"name": "c", "kind": "concat", "inputs": ["y", "z"], "output": "c"}, "#
        + #"{"name": "r", "kind": "reshape", "shape": [8, 32], "inputs": ["y"], "output": "r"}"#)
    #expect(seen?.contains("'y' stands in 'c', 32 elements from row to row") == true)
  }

  @Test func typesAndScales() throws {
    let sums = try problem(
      #"{"name": "x", "shape": [4, 4], "role": "input"}, {"name": "y", "type": "int32"}"#,
      #"{"name": "m", "kind": "matmul", "inputs": ["x", "x"], "output": "y", "activation": "relu"}"#
    )
    #expect(sums?.contains("relu of an int32 result: sums leave the array as they are") == true)
    let mixed = try problem(
      #"{"name": "x", "shape": [4, 4], "role": "input"}, {"name": "y", "shape": [4, 4], "#
        + #""role": "input", "type": "int32"}, {"name": "c"}"#,
      #"{"name": "c", "kind": "concat", "inputs": ["x", "y"], "output": "c"}"#)
    #expect(mixed?.contains(#"operator "c": "y" of type int32; expected int8"#) == true)
    for (attribute, found) in [
      (#""outputScale": 0"#, "outputScale: found 0.0; expected a number from 1e-18 to 1e+18"),
      (#""inputScale": -1"#, "inputScale: found -1.0; expected a number from 1e-18 to 1e+18"),
      (#""epsilon": -1e-5"#, "epsilon: found -1e-05; expected a number of at least 0"),
    ] {
      let norm = try problem(
        #"{"name": "x", "shape": [4, 4], "role": "input"}, {"name": "y"}"#,
        #"{"name": "n", "kind": "layerNorm", "inputs": ["x"], "output": "y", \#(attribute)}"#)
      #expect(norm?.contains("operators[0].") == true, "\(found): \(norm ?? "")")
    }
    let many = try problem(
      #"{"name": "x", "shape": [1, 1], "role": "input"}, {"name": "y"}"#,
      #"{"name": "m", "kind": "matmul", "inputs": ["x", "x"], "output": "y", "slices": 1073741824, "#
        + #""slicingC": "leading"}"#)
    #expect(many?.contains("1073741824 products in one operator; at most 65536") == true)
  }

  @Test func embeddingsOfTablesOfEachTypeAreTheirRows() throws {
    let tables = #"""
      {"name": "i", "shape": [8], "role": "input", "type": "int32"}, {"name": "s",
      "shape": [3, 16], "role": "weight", "type": "fp32"}, {"name": "t", "shape": [100, 16],
      "role": "weight"}, {"name": "a", "type": "fp32"}, {"name": "b"}, {"name": "n"}
      """#
    // The indices must fit the smaller table; a table of FP32 gives FP32.
    let two = try problem(
      tables,
      #"{"name": "a", "kind": "embedding", "inputs": ["i", "s"], "output": "a"},"#
        + #"{"name": "b", "kind": "embedding", "inputs": ["i", "t"], "output": "b"},"#
        + #"{"name": "n", "kind": "layerNorm", "inputs": ["a"], "output": "n"}"#)
    #expect(two == nil)
    let computed = try problem(
      #"{"name": "x", "shape": [8, 4], "role": "input"}, {"name": "w", "shape": [4, 1], "#
        + #""role": "weight"}, {"name": "y", "type": "int32"}, {"name": "i", "type": "int32"}, "#
        + #"{"name": "t", "shape": [9, 4], "role": "weight"}, {"name": "e"}"#,
      #"{"name": "m", "kind": "matmul", "inputs": ["x", "w"], "output": "y"},"#
        + #"{"name": "r", "kind": "reshape", "shape": [8], "inputs": ["y"], "output": "i"},"#
        + #"{"name": "e", "kind": "embedding", "inputs": ["i", "t"], "output": "e"}"#)
    #expect(
      computed?.contains(#"indices "i" with the role "activation"; expected "input""#) == true)
  }
}
