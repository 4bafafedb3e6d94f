/// One step of what the host does: a record of a trace, or of a lowering (format: golden README).
public enum ProgramStep: Sendable {
  /// A command on the RoCC port.
  case command(Command)
  /// The host waits until the accelerator is idle.
  case fence
  /// The host writes `bytes` to main memory at `address`.
  case load(address: UInt64, bytes: [UInt8])
  /// The host writes `count` zero bytes to main memory at `address`.
  case zero(address: UInt64, count: Int)
  /// Main memory must hold `expected` at `address`; `label` says which record asks.
  case check(address: UInt64, expected: [UInt8], label: String)
  /// The host computes; it waits for nothing before, and accepts nothing while. Kept apart, because it
  /// is large and rare.
  indirect case host(HostWork)
  /// What follows, up to the next region, belongs to this operator (tensor boundary).
  case region(String)
}

/// A lazy stream of what the host does, in order: a trace file, a lowering, a list.
public protocol CommandSource {
  /// The next step, or `nil` at the end.
  ///
  /// - Throws: An error of the source, such as a malformed record.
  mutating func next() throws -> ProgramStep?

  /// Useful multiply-accumulates of a program whose commands are legal by construction, because
  /// it was lowered here for the machine that it runs on; `nil` if every command has to be judged.
  var legalMACs: Int? { get }
}

extension CommandSource {
  /// Commands from elsewhere have to be judged.
  public var legalMACs: Int? { nil }
}

/// A program held in memory.
public struct StepList: CommandSource, Sendable {
  /// What `next` gives, one after the other.
  public var steps: [ProgramStep]
  private var position = 0

  public init(_ steps: [ProgramStep]) { self.steps = steps }

  public mutating func next() -> ProgramStep? {
    guard position < steps.count else { return nil }
    defer { position += 1 }
    return steps[position]
  }
}
