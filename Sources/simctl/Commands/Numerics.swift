import AccelSim

/// `simctl numerics`: what each placement of nonlinear work costs in accuracy.
enum NumericsCommand: Subcommand {
  static let syntax = CommandSyntax(
    name: "numerics", abstract: "Compare how exact each placement of nonlinear work is.",
    discussion: """
      Computes softmax, layernorm or gelu of the same random accumulators on the host, on a \
      floating-point unit in each of its formats and on the integer units, and reports the errors \
      against double precision. Docs/NonlinearUnit.md reads an example.
      """,
    arguments: [
      Positional(
        name: "operation", kind: .oneOf(NumericsReport.Operation.allCases.map(\.rawValue)),
        help: "softmax, layernorm or gelu.")
    ],
    options: [
      Option(name: "--rows", value: "n", help: "Rows, 1...65536 (default: 64)."),
      Option(
        name: "--length", value: "n", help: "Elements of a row, 1...1048576 (default: 512)."),
      Option(name: "--seed", value: "n", help: "Chooses the elements (default: 1)."),
    ] + ReportFormat.options([.json]),
    examples: [Example("simctl numerics softmax --rows 16", "How exact softmax is where.")])

  static func run(_ arguments: Arguments, console: Console) throws -> ExitCode {
    let operation = try operation(arguments)
    let rows = try arguments.integer("--rows", in: NumericsReport.rowRange) ?? 64
    let length = try arguments.integer("--length", in: NumericsReport.lengthRange) ?? 512
    let seed = try arguments.integer("--seed", in: 0...Int.max) ?? 1
    let report: NumericsReport
    do {
      report = try NumericsReport(operation, rows: rows, length: length, seed: UInt64(seed))
    } catch let error as NumericsReportError {
      throw UsageError(error.description, arguments.syntax)
    }
    try console.write(ReportFormat.choice(arguments) == .json ? report.json() : report.text)
    return .success
  }

  private static func operation(
    _ arguments: Arguments
  ) throws(UsageError) -> NumericsReport.Operation {
    let word = arguments.positionals[0]
    guard let operation = NumericsReport.Operation(rawValue: word) else {
      throw UsageError("Unknown operation '\(word)'", arguments.syntax)
    }
    return operation
  }
}
