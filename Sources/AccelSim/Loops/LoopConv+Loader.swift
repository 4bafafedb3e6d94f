import SystolicCore

/// What a loading sub-unit does next.
enum ConvLoaderState: UInt8 { case idle, config, load }

/// A sub-unit that moves bias, weights or input in: one config_ld, then its moves (facts 5.4).
protocol ConvLoader: Sendable {
  /// Where the tensor stands in main memory; 0 skips the whole sub-unit.
  var base: UInt64 { get }
  var state: ConvLoaderState { get set }
  var pipeline: ConvPipeline { get set }

  /// The config_ld before the moves.
  func config(_ encoding: LoopEncoding) -> Command
  /// The next move; goes idle behind the last.
  mutating func move(_ encoding: LoopEncoding, _ machine: Machine) -> Command
}

extension ConvLoader {
  @inline(__always) var isIdle: Bool { state == .idle && pipeline.isEmpty }
  var output: Command? { pipeline.output }

  /// The end of a cycle; returns whether anything moved.
  mutating func step(leaving: Bool, waits: Bool, _ encoding: LoopEncoding, _ machine: Machine)
    -> Bool
  {
    guard !isIdle else { return false }
    if state != .idle, base == 0 {
      state = .idle
      _ = pipeline.step(leaving: leaving, entering: nil)
      return true
    }
    var command: Command?
    if state != .idle, !waits, pipeline.canEnter(leaving: leaving) {
      command = emit(encoding, machine)
    }
    return pipeline.step(leaving: leaving, entering: command)
  }

  private mutating func emit(_ encoding: LoopEncoding, _ machine: Machine) -> Command {
    guard state == .config else { return move(encoding, machine) }
    state = .load
    return config(encoding)
  }
}
