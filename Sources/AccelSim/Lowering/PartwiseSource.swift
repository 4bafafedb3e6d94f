/// A lowering that makes its commands part by part, such as a block of a loop: it holds the steps of
/// one part at a time.
protocol PartwiseSource: CommandSource {
  var steps: StepBuffer { get set }

  /// Emits the next part, which may be nothing; false when there is none left.
  mutating func emitPart() -> Bool
}

extension PartwiseSource {
  public mutating func next() -> ProgramStep? {
    while true {
      if let step = steps.take() { return step }
      guard emitPart() else { return nil }
    }
  }

  mutating func emit(_ command: Command) { steps.append(.command(command)) }

  mutating func emitFence() { steps.append(.fence) }
}

/// Steps that have been made and not been handed out.
struct StepBuffer: Sendable {
  private var steps: [ProgramStep] = []
  private var position = 0

  /// - Parameter flushesFirst: Whether the first step is the flush that every program starts with.
  init(flushesFirst: Bool = false) {
    if flushesFirst { append(.command(HostCommands.flush())) }
  }

  mutating func append(_ step: ProgramStep) { steps.append(step) }

  /// The oldest step, or `nil` if there is none.
  mutating func take() -> ProgramStep? {
    guard position < steps.count else {
      steps.removeAll(keepingCapacity: true)
      position = 0
      return nil
    }
    defer { position += 1 }
    return steps[position]
  }
}
