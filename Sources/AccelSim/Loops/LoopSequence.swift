import SystolicCore

/// The five sub-units of an unroller, as a set.
///
/// A, B and D are the loads: the two operands and the bias of a matrix multiplication; the input,
/// the weights and the bias of a convolution.
struct LoopUnits: OptionSet, Sendable {
  let rawValue: UInt8

  static let loadA = LoopUnits(rawValue: 1)
  static let loadB = LoopUnits(rawValue: 2)
  static let loadD = LoopUnits(rawValue: 4)
  static let execute = LoopUnits(rawValue: 8)
  static let store = LoopUnits(rawValue: 16)
  /// The second store unit of the matmul unroller; it counts as the loop's store.
  static let scratchpadStore = LoopUnits(rawValue: 32)

  static let loads: LoopUnits = [.loadA, .loadB, .loadD]
  static let all: LoopUnits = [.loadA, .loadB, .loadD, .execute, .store]
}

/// How far the loop of one context has come.
struct LoopStatus: Sendable {
  /// RUN has been given; the context takes no further configuration.
  var configured = false
  /// Some sub-unit has taken the loop.
  var running = false
  /// Sub-units that have taken the loop.
  var started: LoopUnits = []
  /// Sub-units seen idle after they had taken it.
  var completed: LoopUnits = []
}

/// The two loop contexts of an unroller and which of them is older (facts 5.2).
struct LoopSequence: Sendable {
  private var status = InlineArray<2, LoopStatus>(repeating: LoopStatus())
  /// The older loop's context.
  private(set) var head = 0

  @inline(__always) subscript(context: Int) -> LoopStatus { status[context] }

  /// Whether any loop is being unrolled, or waits for it.
  @inline(__always) var anyConfigured: Bool { status[0].configured || status[1].configured }

  /// The context that a configuration command goes to.
  var target: Int { status[head].configured ? 1 - head : head }

  /// Whether the older loop has emitted all its commands.
  @inline(__always) var headIsDone: Bool { status[head].running && status[head].completed == .all }

  /// Whether some sub-unit has yet to take a loop.
  @inline(__always) var hasOffers: Bool {
    (status[0].configured && status[0].started != .all)
      || (status[1].configured && status[1].started != .all)
  }

  /// The context whose loop `unit` may take next, if there is one.
  @inline(__always) func offer(_ unit: LoopUnits, after needs: LoopUnits = []) -> Int? {
    let context = status[head].started.contains(unit) ? 1 - head : head
    let loop = status[context]
    let isOffered =
      loop.configured && !loop.started.contains(unit) && loop.started.isSuperset(of: needs)
    return isOffered ? context : nil
  }

  /// RUN: the loop of `context` is complete. `skipped` sub-units are not to take part.
  mutating func configure(_ context: Int, skipping skipped: LoopUnits = []) {
    status[context].started = skipped
    status[context].completed = skipped
    status[context].configured = true
  }

  /// `unit` takes the loop of `context`.
  mutating func start(_ unit: LoopUnits, _ context: Int) {
    status[context].running = true
    status[context].started.insert(unit)
  }

  /// Notes that `unit`, which last worked for `context`, is idle; returns whether that is news.
  @inline(__always) mutating func noteIdle(_ unit: LoopUnits, _ context: Int) -> Bool {
    let loop = status[context]
    guard loop.running, loop.started.contains(unit), !loop.completed.contains(unit) else {
      return false
    }
    status[context].completed.insert(unit)
    return true
  }

  /// Ends the older loop; the other becomes the older one.
  mutating func retireHead() {
    status[head] = LoopStatus()
    head = 1 - head
  }
}

/// Which configuration commands have been given for a loop.
struct LoopSettings {
  private var matmul: UInt8 = 0
  private var conv: UInt8 = 0

  /// The bit of a configuration command among those of its unroller; 0 for others.
  static func bit(_ function: Function) -> UInt8 {
    switch function.rawValue {
    case Function.loopMatmulBounds.rawValue...Function.loopMatmulStridesDC.rawValue:
      1 << UInt8(function.rawValue - Function.loopMatmulBounds.rawValue)
    case Function.loopConvConfig1.rawValue...Function.loopConvConfig6.rawValue:
      1 << UInt8(function.rawValue - Function.loopConvConfig1.rawValue)
    default: 0
    }
  }

  /// Takes the next command of the host.
  ///
  /// - Returns: Whether a loop that it starts has all of its settings.
  mutating func take(_ command: Command) -> Bool {
    guard let function = command.function else { return true }
    switch function {
    case .loopMatmul:
      defer { matmul = 0 }
      return matmul == 0b1_1111
    case .loopConv:
      defer { conv = 0 }
      return conv == 0b11_1111
    case .loopConvConfig1, .loopConvConfig2, .loopConvConfig3, .loopConvConfig4, .loopConvConfig5,
      .loopConvConfig6:
      conv |= Self.bit(function)
    default: matmul |= Self.bit(function)
    }
    return true
  }
}

/// Commands of one unroller between it and their completion, by class (facts 5.2, Occupancy).
struct LoopOccupancy: Sendable {
  private let limit: CompletionCounts
  private var held = CompletionCounts()

  init(_ station: ReservationStationConfig) {
    var limit = CompletionCounts()
    limit.load = station.loadEntries
    limit.execute = station.executeEntries
    limit.store = station.storeEntries
    self.limit = limit
  }

  var canLoad: Bool { held.load < limit.load }
  var canExecute: Bool { held.execute < limit.execute }
  var canStore: Bool { held.store < limit.store }

  mutating func addLoad() { held.load += 1 }
  mutating func addExecute() { held.execute += 1 }
  mutating func addStore() { held.store += 1 }

  /// Whether no command completed.
  static func isNone(_ completed: CompletionCounts) -> Bool {
    completed.load | completed.execute | completed.store == 0
  }

  /// Takes completed commands off; returns whether there were any.
  mutating func release(_ completed: CompletionCounts) -> Bool {
    guard !Self.isNone(completed) else { return false }
    held.load -= completed.load
    held.execute -= completed.execute
    held.store -= completed.store
    return true
  }
}

/// Remembers that a cycle changed nothing, so that the next ones with the same surroundings need
/// not be looked at.
struct LoopRest: Sendable {
  private var isResting = false
  private var outputWasReady = false
  private var waiting = 0

  /// Whether a cycle with these surroundings changes nothing either.
  func lasts(outputReady: Bool, waiting: Int, completed: CompletionCounts) -> Bool {
    isResting && waiting == self.waiting && (outputWasReady || !outputReady)
      && LoopOccupancy.isNone(completed)
  }

  /// Notes what a cycle with these surroundings did.
  mutating func note(moved: Bool, outputReady: Bool, waiting: Int) {
    isResting = !moved
    outputWasReady = outputReady
    self.waiting = waiting
  }
}

// MARK: State

extension CompletionCounts {
  mutating func visit(_ codec: inout StateCodec) {
    codec.integer(&load)
    codec.integer(&execute)
    codec.integer(&store)
  }
}

extension LoopUnits {
  mutating func visit(_ codec: inout StateCodec) {
    var raw = rawValue
    codec.integer(&raw)
    self = LoopUnits(rawValue: raw)
  }
}

extension LoopSequence {
  mutating func visit(_ codec: inout StateCodec) {
    codec.context(&head)
    for index in status.indices {
      let context = codec.context(at: index)
      codec.flag(&status[context].configured)
      codec.flag(&status[context].running)
      status[context].started.visit(&codec)
      status[context].completed.visit(&codec)
    }
  }
}

extension LoopOccupancy {
  mutating func visit(_ codec: inout StateCodec) { held.visit(&codec) }
}

extension LoopRest {
  mutating func visit(_ codec: inout StateCodec) {
    codec.flag(&isResting)
    guard isResting else { return }
    codec.flag(&outputWasReady)
    codec.integer(&waiting)
  }
}
