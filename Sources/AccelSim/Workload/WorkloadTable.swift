extension Workload {
  /// The operators as text: a line each with shapes and sizes.
  public func table() -> String {
    let sizes = parameters.map { "\($0.name) \($0.value)" }.joined(separator: ", ")
    var text = TextFormat.shortened(name + (sizes.isEmpty ? "" : ": \(sizes)"), 80) + "\n"
    text += "\(operators.count) operators, \(TextFormat.grouped(macs)) MACs, "
    text += "\(TextFormat.grouped(parameterCount)) parameters\n\n"
    var rows = [["Operator", "Kind", "Inputs", "Output", "Type", "MMACs"]]
    for step in operators {
      let output = self[step.output]
      let macs = macs(of: step)
      rows.append([
        step.name, step.kind.name,
        inputs(of: step).filter { $0.shape.count > 1 }.map(\.sizeText).joined(separator: " "),
        output.sizeText, output.type.rawValue,
        macs == 0 ? "-" : TextFormat.fixed(Double(macs) / 1e6, 3),
      ])
    }
    return text + TextFormat.table(rows, shortening: [0, 2], least: 16)
  }
}

extension WorkloadTensor {
  /// The shape as `128x768`.
  fileprivate var sizeText: String { shape.map(String.init).joined(separator: "x") }
}
