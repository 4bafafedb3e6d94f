/// The lanes of the nonlinear unit: one rigid pipeline that stands still as a whole when a result
/// finds no bank, and the statistics file behind it (Docs/NonlinearUnit.md, "Time").
///
/// Times inside count the cycles in which the pipeline moves.
public struct NonlinearLanes: Sendable {
  /// A row of results on its way to a bank, or the mere end of a command.
  public struct Outgoing: Equatable, Sendable {
    /// When it leaves the pipeline, in cycles in which that moves; the lanes set it.
    public var due: Cycle = 0
    /// Row of the memory, or -1 for none.
    public var row: Int
    /// The row belongs to the accumulator, not to the scratchpad.
    public var isAccumulator: Bool
    /// The command's last.
    public var isLast: Bool

    public init(row: Int, isAccumulator: Bool, isLast: Bool) {
      self.row = row
      self.isAccumulator = isAccumulator
      self.isLast = isLast
    }
  }

  /// An entry of the statistics file, as far as time goes.
  private struct Row: Sendable {
    /// First cycle in which elements can start that add to this row's columns.
    var collects: Cycle = 0
    /// First cycle in which elements can start that need what the last pass came to.
    var isReady: Cycle = 0
  }

  private let lanes: Int
  private var rows: [Row]
  /// First cycle in which each lane's divider and root can be used at the end of a row.
  private var dividers: [Cycle]
  private var clock: Cycle = 0
  private var isFree: Cycle = 0
  private var lastDue: Cycle = -1
  /// Longer than any pipeline that a configuration can describe.
  private var outgoing = Queue<Outgoing>(depth: 4096)

  /// Creates idle lanes.
  ///
  /// - Parameter width: Rows of the statistics file: the width of the array.
  public init(lanes: Int, width: Int) {
    self.lanes = lanes
    rows = Array(repeating: Row(), count: width)
    dividers = Array(repeating: 0, count: lanes)
  }

  /// Whether results are on their way.
  public var isEmpty: Bool { outgoing.isEmpty }
  /// Whether lanes are held by elements that have started.
  public var isHeld: Bool { isFree > clock }

  /// What leaves the pipeline this cycle, if anything.
  public var leaving: Outgoing? {
    guard let head = outgoing.first, head.due <= clock else { return nil }
    return head
  }

  /// Takes what leaves.
  public mutating func take(_ now: Cycle) { outgoing.receive(now) }

  /// Ends a cycle in which the pipeline moved.
  public mutating func advance() { clock += 1 }

  /// Whether elements of a row can start a pass: `needs` what the last pass came to, and `collects`
  /// for the next.
  public func canStart(row: Int, needs: Bool, collects: Bool) -> Bool {
    guard isFree <= clock, !needs || rows[row].isReady <= clock else { return false }
    return !collects || rows[row].collects <= clock
  }

  /// Starts up to an array's width of elements of a row; `canStart` must hold.
  ///
  /// - Parameters:
  ///   - elements: How many.
  ///   - endsRow: They are the last of the row in a pass that collects.
  ///   - result: What goes out for them, if anything.
  public mutating func start(
    row: Int, elements: Int, _ cost: NonlinearCosts.Pass, endsRow: Bool, result: Outgoing?
  ) {
    let groups = (elements + lanes - 1) / lanes
    isFree = clock + groups * cost.interval
    let end = isFree - 1 + cost.depth
    if !cost.givesResults { rows[row].collects = clock + cost.feedback }
    if endsRow {
      var step = end + 1
      if cost.stepInterval > 0 {
        let lane = row & (lanes - 1)
        step = max(step, dividers[lane])
        dividers[lane] = step + cost.stepInterval
      }
      rows[row].isReady = step + cost.step
    }
    if var result {
      // One result port: rows leave in the order in which they started.
      lastDue = max(end, lastDue + 1)
      result.due = lastDue
      outgoing.send(result)
    }
  }
}

// MARK: State

extension NonlinearLanes {
  public mutating func visit(_ codec: inout StateCodec) {
    // The pipeline has a time of its own.
    let clock = clock
    func deadline(_ time: inout Cycle) {
      var left = max(0, time - clock)
      codec.integer(&left)
      if codec.isRestoring { time = clock + left }
    }
    for index in rows.indices {
      deadline(&rows[index].collects)
      deadline(&rows[index].isReady)
    }
    for index in dividers.indices { deadline(&dividers[index]) }
    deadline(&isFree)
    // The next row leaves a cycle after the last one at the earliest.
    lastDue += 1
    deadline(&lastDue)
    lastDue -= 1
    outgoing.visit(&codec, Outgoing(row: 0, isAccumulator: false, isLast: false)) {
      row, codec in
      var left = row.due - clock
      codec.integer(&left)
      row.due = clock + left
      codec.integer(&row.row)
      codec.flag(&row.isAccumulator)
      codec.flag(&row.isLast)
    }
  }
}
