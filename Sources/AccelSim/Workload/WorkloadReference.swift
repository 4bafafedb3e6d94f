extension Workload {
  /// The reference of workload files as Markdown: what `Docs/Workload.md` holds.
  public static func referencePage() -> String {
    ([introduction, rules, tensorText] + WorkloadKind.declarations.map(text) + [zoo])
      .joined(separator: "\n")
  }

  private static let introduction = """
    # Workloads

    <!-- Written by Workload.referencePage(). To rewrite it after a change of the declarations:
         RECORD_GOLDEN=1 swift test --filter WorkloadFiles -->

    A workload is what a network computes: typed tensors, and operators in the order of execution.
    `simctl workloads show NAME` prints one of the zoo as JSON, and whatever takes the name of a
    workload takes such a file too. An example, a layer with its activation function:

    ```json
    {
      "$schema": "../Configs/schema/workload.schema.json",
      "name": "layer",
      "parameters": {"sequence": 16},
      "tensors": [
        {"name": "x", "shape": [16, 64], "type": "int8", "role": "input"},
        {"name": "w", "shape": [64, 256], "type": "int8", "role": "weight"},
        {"name": "b", "shape": [256], "type": "int32", "role": "weight"},
        {"name": "sums", "type": "int32"},
        {"name": "y"}
      ],
      "operators": [
        {"name": "ffn1", "kind": "matmul", "group": "feedForward",
         "inputs": ["x", "w", "b"], "output": "sums", "bias": "row"},
        {"name": "gelu", "kind": "activation", "function": "gelu", "inputScale": 0.001,
         "outputScale": 16, "inputs": ["sums"], "output": "y"}
      ]
    }
    ```

    """

  private static let rules = """
    ## Rules

    Reading is strict: unknown and repeated keys are errors, and all errors of a file are reported
    together with line and key. `$schema` is for editors. `name`, `tensors` and `operators` must be
    there; `parameters` are whole numbers that the workload was made from.

    - Names are 1 to 100 printable characters, unique among tensors and unique among operators.
    - An operator reads inputs, weights, caches and results of operators before it.
    - Each activation is written by exactly one operator; a cache only by `cacheAppend`.
    - The shape of an activation may be left out: it follows from the operator. Where it is given it
      must be that one.
    - A tensor has 1 to 8 axes of at least 1, and at most 2^40 elements. A matmul or a convolution
      has at most 2^46 multiply-accumulates, a max-pool
      as many comparisons.
    - Matmuls and convolutions take int8 and give int8 (requantised by `scale`) or int32 (not
      scaled), as the output tensor says, with int32 biases; or take, add and give fp32.
    - Real values: y = outputScale * f(inputScale * x), rounded and saturated for an integer y.

    Common keys of an operator: `name`, `kind`, `inputs`, `output`, and, where wanted, `group` (the
    row of an analysis: \(WorkloadGroup.allCases.map { "`\($0)`" }.joined(separator: ", ")); default
    `other`) and `layer` (a number from 0).

    """

  private static var tensorText: String {
    let roles = WorkloadTensorRole.allCases.map { "| `\($0)` | \($0.meaning) |" }
    return """
      ## Tensors

      Keys: `name`, `shape` (outermost axis first), `type` (`int8` by default, `int32`, `fp32`) and
      `role`:

      | Role | Content |
      |---|---|
      \(roles.joined(separator: "\n"))

      The default role is `activation`.

      """
  }

  private static func text(_ kind: WorkloadKindDeclaration) -> String {
    var text = "## `\(kind.name)`\n\n\(kind.meaning) Inputs: \(kind.inputs).\n"
    guard !kind.attributes.isEmpty else { return text }
    text += "\n| Key | Values | Default | Meaning |\n|---|---|---|---|\n"
    for attribute in kind.attributes {
      text += "| `\(attribute.name)` | \(attribute.expectation) | \(attribute.standard.line) "
      text += "| \(attribute.meaning) |\n"
    }
    return text
  }

  private static var zoo: String {
    let rows = WorkloadModel.all.map { model in
      let parameters = model.parameters.map { "`\($0.name)` \($0.standard)" }
      return "| `\(model.name)` | \(model.summary) | \(parameters.joined(separator: ", ")) |"
    }
    return """
      ## Zoo

      Parameters stand with their defaults; `simctl workloads list` explains them. Weights are not
      part of a workload, and the scales of the zoo are nominal: cycles do not depend on them.

      | Name | What it is | Parameters |
      |---|---|---|
      \(rows.joined(separator: "\n"))

      """
  }
}
