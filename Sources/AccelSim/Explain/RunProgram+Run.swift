import SystolicCore

/// A run that cannot be made again.
public struct ProgramChanged: Error, Equatable, CustomStringConvertible {
  public var description: String
}

extension RunProgram {
  /// Whether it can be executed on another machine.
  public var isRepeatable: Bool { obstacle == nil }

  /// Why it cannot be executed on another machine; `nil` if it can.
  public var obstacle: String? {
    switch self {
    case .trace: "a recorded program belongs to its machine"
    case .network(let words, _, _, _) where words == InputFile.standardInput:
      "the workload was read from standard input and is no file"
    default: nil
    }
  }

  /// Executes it on `machine`, timing only.
  ///
  /// - Parameter goesOn: Asked before each operator of a network; if not, the report is not complete.
  /// - Throws: `ProgramChanged` for a trace, and for a workload that is not the recorded one any more;
  ///   `InvalidWorkload`, `NetworkError`, `LoweringError`, `SimulationError` as the run.
  public func report(
    on machine: Machine, goesOn: () -> Bool = { true }
  ) throws -> NetworkReport {
    switch self {
    case .network(let words, let digest, let tiles, let fusing):
      let steps = try WorkloadRequest(words).steps()
      guard steps.digest == digest else {
        throw ProgramChanged(
          description: "'\(words)' is not what it was when the run file was written")
      }
      return try NetworkRun.report(
        steps, on: machine, tiles: tiles, fusing: fusing, progress: { _ in goesOn() })
    case .matmul(let shape):
      return try Self.report(NormalisedMatmul(shape, on: machine), on: machine)
    case .nonlinear(let name, let rows, let columns, let placement, let isOnChip):
      guard let operation = NonlinearOperation.allCases.first(where: { "\($0)" == name }) else {
        throw ProgramChanged(description: "there is no operation '\(name)'")
      }
      let program = try TensorProgram(
        NonlinearWork(operation, rows: rows, columns: columns), at: placement, on: machine,
        isOnChip: isOnChip)
      return try Self.report(program, on: machine)
    case .trace(let path):
      throw ProgramChanged(description: "'\(path)' is a recorded program of its own machine")
    }
  }

  private static func report(
    _ source: some CommandSource, on machine: Machine
  ) throws -> NetworkReport {
    var source = source
    var options = RunOptions()
    options.carriesData = false
    let output = try Simulator.run(&source, on: machine, options: options)
    return NetworkReport(output.result, named: "", memory: machine.config.memorySummary)
  }
}
