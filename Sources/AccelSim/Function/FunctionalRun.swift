import SystolicCore

/// A program run for its results alone: host commands through the two loop unrollers into the
/// functional machine, in the unrollers' emission order.
///
/// Nothing limits the unrollers here: their output is always taken, and every command completes
/// in the cycle after it was emitted.
public struct FunctionalRun: Sendable {
  /// The state after the commands that the unrollers have emitted so far.
  public var machine: FunctionalMachine
  /// Places where main memory did not hold what the program expects.
  public private(set) var mismatches: [Mismatch] = []
  /// Commands from the host.
  public private(set) var commands = 0
  /// Fences of the host so far.
  public private(set) var fences = 0
  /// Records compared with main memory.
  public private(set) var checks = 0

  private var loopConv: LoopConv
  private var loopMatmul: LoopMatmul
  private var now: Cycle = 0
  private var convCompleted = CompletionCounts()
  private var matmulCompleted = CompletionCounts()

  /// Ticks after which a loop is taken to have no end, as one with a bound of 0 has none in the
  /// hardware. The local memories limit honest loops to half of that.
  private static let patience = 1 << 24

  /// Creates a run on a machine after reset.
  ///
  /// - Parameter carriesData: Whether to compute and compare; else commands are only checked.
  public init(_ machine: Machine, carriesData: Bool = true) {
    self.machine = FunctionalMachine(machine, carriesData: carriesData)
    loopConv = LoopConv(machine)
    loopMatmul = LoopMatmul(machine)
  }

  /// Runs `source` to its end on a new machine.
  ///
  /// - Throws: An error of the source, `FunctionalError` for a command that the machine cannot
  ///   execute, or `ProgramError`.
  public static func run(_ source: some CommandSource, on machine: Machine) throws -> FunctionalRun
  {
    var run = FunctionalRun(machine)
    var source = source
    while let step = try source.next() { try run.perform(step) }
    try run.drain()
    return run
  }

  /// Performs one step of the host.
  ///
  /// - Throws: `FunctionalError` or `ProgramError`.
  public mutating func perform(_ step: ProgramStep) throws {
    switch step {
    case .command(let command):
      commands += 1
      try issue(command)
    case .fence:
      fences += 1
      try drain()
    case .load(let address, let bytes):
      try drain()
      guard machine.carriesData else { return }
      guard machine.memory.write(bytes, count: bytes.count, at: address) else {
        throw ProgramError.noMemory(address: address, count: bytes.count)
      }
    case .zero(let address, let count):
      try drain()
      guard machine.carriesData else { return }
      guard machine.memory.zero(at: address, count: count) else {
        throw ProgramError.noMemory(address: address, count: count)
      }
    case .check(let address, let expected, let label):
      try drain()
      guard machine.carriesData else { return }
      checks += 1
      guard let found = machine.memory.bytes(at: address, count: expected.count) else {
        throw ProgramError.noMemory(address: address, count: expected.count)
      }
      if let mismatch = Mismatch(label, address, expected: expected, found: found) {
        mismatches.append(mismatch)
      }
    case .host(let work): try perform(work)
    case .region: break
    }
  }

  /// Lets the unrollers finish.
  public mutating func drain() throws {
    var ticks = 0
    while loopConv.isBusy || loopMatmul.isBusy {
      try tick()
      ticks += 1
      guard ticks < Self.patience else { throw ProgramError.loopNeverEnds }
    }
  }

  private mutating func issue(_ command: Command) throws {
    if command.isPlain && !loopConv.isBusy && !loopMatmul.isBusy {
      try machine.execute(command)
      return
    }
    var ticks = 0
    while !loopConv.input.canSend(now) {
      try tick()
      ticks += 1
      guard ticks < Self.patience else { throw ProgramError.loopNeverEnds }
    }
    loopConv.input.send(UnrolledCommand(command))
    try tick()
  }

  /// One cycle of the unrollers, consumers first.
  private mutating func tick() throws {
    now += 1
    let emitted = loopMatmul.tick(now, outputReady: true, completed: matmulCompleted)
    matmulCompleted = CompletionCounts()
    let convDone = convCompleted
    convCompleted = CompletionCounts()
    if let emitted {
      try machine.execute(emitted.command)
      switch emitted.origin {
      case .loopMatmul: matmulCompleted.add(emitted.command)
      case .loopConv: convCompleted.add(emitted.command)
      case .host: break
      }
    }
    let passed = loopConv.tick(
      now, outputReady: loopMatmul.input.canSend(now), completed: convDone)
    if let passed { loopMatmul.input.send(passed) }
  }
}

/// A step of a program that cannot be performed.
public enum ProgramError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A host access outside main memory.
  case noMemory(address: UInt64, count: Int)
  /// A loop whose commands do not come to an end.
  case loopNeverEnds
  /// An operation that the host cannot do; the words say why.
  case invalidHostWork(String)

  public var description: String {
    switch self {
    case .noMemory(let address, let count):
      "\(count) bytes at \(NumberText.hexadecimal(address)), expected them inside "
        + "\(NumberText.hexadecimal(MainMemoryData.base))..<\(NumberText.hexadecimal(MainMemoryData.end))"
    case .loopNeverEnds:
      "a loop that does not end, expected loops with bounds above 0"
    case .invalidHostWork(let text): text
    }
  }
}

extension Command {
  /// Whether neither unroller looks at the command.
  fileprivate var isPlain: Bool {
    switch function {
    case .config, .mvin, .mvin2, .mvin3, .mvout, .mvoutSpad, .preload, .computePreloaded,
      .computeAccumulated, .configNonlinear, .nonlinear:
      true
    default: false
    }
  }
}

extension CompletionCounts {
  /// Counts `command` in its class.
  fileprivate mutating func add(_ command: Command) {
    switch command.function {
    case .mvin, .mvin2, .mvin3: load += 1
    case .preload, .computePreloaded, .computeAccumulated: execute += 1
    case .mvout, .mvoutSpad: store += 1
    case .config:
      switch command.rs1 & 3 {
      case 0: execute += 1
      case 1: load += 1
      default: store += 1
      }
    default: break
    }
  }
}

extension Mismatch {
  /// The difference of two equally long stretches of memory, or `nil` if there is none.
  public init?(_ label: String, _ address: UInt64, expected: [UInt8], found: [UInt8]) {
    guard expected != found else { return nil }
    var differing = 0
    var first = 0
    for i in expected.indices where expected[i] != found[i] {
      if differing == 0 { first = i }
      differing += 1
    }
    self.init(
      label: label, address: address, differingBytes: differing, byteCount: expected.count,
      firstOffset: first, expected: expected[first], found: found[first])
  }
}
