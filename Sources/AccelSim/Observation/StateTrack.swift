import SystolicCore

/// What the command path in front of the reservation station does; no unit of the accounts.
enum FrontEndActivity: Int, Activity {
  case idle, passing, unrollsMatmul, unrollsConv
  case needsLoadEntry, needsExecuteEntry, needsStoreEntry, needsNonlinearEntry

  init(_ accelerator: borrowing Accelerator) {
    if accelerator.isAllocationBlocked, let head = accelerator.unrolled.first,
      let kind = ReservationStation.commandClass(head.command)
    {
      switch kind {
      case .load: self = .needsLoadEntry
      case .execute: self = .needsExecuteEntry
      case .store: self = .needsStoreEntry
      case .nonlinear: self = .needsNonlinearEntry
      }
    } else if accelerator.loopMatmul.loops.anyConfigured {
      self = .unrollsMatmul
    } else if accelerator.loopConv.loops.anyConfigured {
      self = .unrollsConv
    } else {
      let holds =
        !(accelerator.raw.isEmpty && accelerator.unrolled.isEmpty
        && accelerator.loopMatmul.input.isEmpty && accelerator.loopConv.input.isEmpty)
      self = holds ? .passing : .idle
    }
  }

  var name: String {
    switch self {
    case .idle: "idle"
    case .passing: "passing commands"
    case .unrollsMatmul: "unrolling a matmul"
    case .unrollsConv: "unrolling a convolution"
    case .needsLoadEntry: "load entries full"
    case .needsExecuteEntry: "execute entries full"
    case .needsStoreEntry: "store entries full"
    case .needsNonlinearEntry: "nonlinear entries full"
    }
  }
}

/// What one unit does, as slices without gaps: consecutive cycles of one reason are one slice.
struct StateTrack {
  let track: ChromeTrace.Track
  /// The reasons, as JSON string literals.
  private let labels: [[UInt8]]
  /// The reason of the slice at hand, or -1 before the first cycle.
  var reason = -1
  /// First cycle of the slice at hand.
  private var since: Cycle = 0
  /// Cycles by reason in the slices that have ended.
  private var ended = ReasonCycles()

  init<Reason: Activity>(_ track: ChromeTrace.Track, _: Reason.Type) {
    self.track = track
    labels = Reason.allCases.map { Array(JSONText.quoted($0.name).utf8) }
  }

  /// Slices begin at `start`.
  mutating func open(at start: Cycle) { since = start }

  /// The unit has `next` from `time` on.
  @inline(__always)
  mutating func change(
    to next: Int, at time: Cycle, _ window: CycleWindow, _ trace: inout ChromeTrace
  ) {
    guard next != reason else { return }
    close(at: time, window, &trace)
    reason = next
  }

  /// The slice at hand ends before `time`.
  mutating func close(at time: Cycle, _ window: CycleWindow, _ trace: inout ChromeTrace) {
    if reason >= 0, time > since {
      trace.slice(
        track, labels[reason], from: since, until: time,
        isCut: window.cuts(since, time))
      ended[reason] += time - since
    }
    since = time
  }

  /// Cycles by reason up to, not including, `time`.
  func cycles(before time: Cycle) -> ReasonCycles {
    var cycles = ended
    if reason >= 0 { cycles[reason] += time - since }
    return cycles
  }

  /// Writes what went to each reason since `earlier`, as members of a JSON object.
  func write(since earlier: ReasonCycles, before time: Cycle, _ stream: inout ByteStream) {
    let now = cycles(before: time)
    var isFirst = true
    for index in labels.indices where now[index] > earlier[index] {
      if !isFirst { stream.put(byte: UInt8(ascii: ",")) }
      isFirst = false
      stream.put(labels[index])
      stream.put(byte: UInt8(ascii: ":"))
      stream.put(now[index] - earlier[index])
    }
  }
}

/// Cycles by reason of one unit.
typealias ReasonCycles = InlineArray<16, Int>

extension InlineArray where Element == Int {
  /// All zero.
  init() { self.init(repeating: 0) }
}

extension CycleWindow {
  /// Whether what lasts from `start` until `end` reaches an edge of the window, so that it may go
  /// on outside.
  func cuts(_ start: Cycle, _ end: Cycle) -> Bool {
    (from > 0 && start <= from) || end >= until
  }
}
