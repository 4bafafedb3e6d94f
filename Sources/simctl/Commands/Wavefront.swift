import AccelSim

/// `simctl wavefront`: every register of a small array, cycle by cycle.
enum WavefrontCommand: Subcommand {
  static let syntax = CommandSyntax(
    name: "wavefront", abstract: "Show what every processing element holds in each cycle.",
    discussion: "Two tiles of random elements pass through a small array. Docs/Wavefront.md "
      + "explains the pictures.",
    options: [
      Option(
        name: "--size", value: "n",
        help: "Rows and columns of the array, 2...8; up to 4 fits 80 columns (default: 4)."),
      Option(
        name: "--dataflow", value: "ws|os", kind: .oneOf(["ws", "os"]),
        help: "Weights stay or sums stay (default: ws)."),
      Option(
        name: "--cycles", value: "first-last", help: "Show these cycles only, such as 0-12."),
      Option(name: "--seed", value: "n", help: "Chooses the elements (default: 1)."),
    ],
    examples: [
      Example("simctl wavefront --size 2 --cycles 0-3", "The first cycles of a small array.")
    ])

  static func run(_ arguments: Arguments, console: Console) throws -> ExitCode {
    let size = try arguments.integer("--size", in: 2...8) ?? 4
    let seed = try arguments.integer("--seed", in: 0...Int.max) ?? 1
    let dataflow =
      try arguments.choice(
        "--dataflow", [("ws", Dataflow.weightStationary), ("os", .outputStationary)])
      ?? .weightStationary
    let cycles = try range(arguments)
    do {
      try console.write(
        wavefrontText(size: size, dataflow: dataflow, seed: UInt64(seed), cycles: cycles))
    } catch let error as WavefrontReportError {
      throw arguments.has("--cycles")
        ? arguments.invalid("--cycles", error.description)
        : UsageError(error.description, arguments.syntax)
    }
    return .success
  }

  private static func range(_ arguments: Arguments) throws(UsageError) -> ClosedRange<Int>? {
    guard let text = arguments["--cycles"] else { return nil }
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard let first = parts.first ?? nil, let last = parts.last ?? nil, parts.count <= 2,
      first >= 0, first <= last
    else { throw arguments.invalid("--cycles", "a cycle, or two such as 0-12") }
    return first...last
  }
}
