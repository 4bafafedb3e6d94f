/// When the scaling unit of the move-out path takes a row and gives it on (facts 8.6): a pipeline
/// with a multiplier a lane, or a three-entry ring with shared multipliers.
///
/// A cycle is `begin`, then perhaps `take`, then `advance`, then perhaps `push`.
struct ScalingUnit: Sendable {
  private var pipeline: ElasticPipeline<Bool>
  private var ring: ScalingRing?

  /// Creates an idle unit; `units` 0 means a multiplier a lane.
  init(units: Int, latency: Int, lanes: Int) {
    pipeline = ElasticPipeline(depth: max(latency, 1))
    ring = units == 0 ? nil : ScalingRing(units: units, latency: latency, lanes: lanes)
  }

  /// Whether a scaled row is ready.
  var hasOutput: Bool { ring?.hasOutput ?? (pipeline.output != nil) }
  /// Whether a row is taken this cycle, once `advance` has run.
  var canPush: Bool { ring?.canPush ?? pipeline.canPush }
  /// The next cycle in which something can change by itself.
  var nextEvent: Cycle? { ring?.nextEvent }

  mutating func begin(_ now: Cycle) -> Bool { ring?.begin(now) ?? false }

  mutating func take() {
    if ring != nil { ring?.take() } else { pipeline.take() }
  }

  mutating func advance() -> Bool { ring?.grant() ?? pipeline.advance() }

  mutating func push(normalises: Bool) {
    if ring != nil { ring?.push(normalises: normalises) } else { pipeline.push(true) }
  }
}

/// The ring with shared multipliers: the first four can normalise, the others only scale and
/// clip. Which of the two kinds serves an entry follows from the entries of the moment; each
/// multiplier goes round its elements, one a cycle.
struct ScalingRing: Sendable {
  private static let entryCount = 3
  private static let normUnits = 4

  private struct Entry: Sendable {
    var isValid = false
    var normalises = false
    var unfinished = 0
    /// Elements given to a multiplier.
    var isGranted: [Bool]
  }

  private struct Flight: Sendable {
    var done: Cycle
    var entry: Int
  }

  private let units: Int
  private let latency: Int
  private let lanes: Int
  private var entries: [Entry]
  private var head = 0
  private var tail = 0
  /// Last element granted by each multiplier, counted over the ring.
  private var lastGrant: [Int]
  private var flights: [Flight] = []
  private var now: Cycle = -1

  init(units: Int, latency: Int, lanes: Int) {
    self.units = units
    self.latency = latency
    self.lanes = lanes
    let entry = Entry(isGranted: Array(repeating: false, count: lanes))
    entries = Array(repeating: entry, count: Self.entryCount)
    // After reset each is at the first of its own elements, so the second goes first.
    lastGrant = (0..<units).map { $0 < Self.normUnits ? $0 : $0 - Self.normUnits }
  }

  var hasOutput: Bool { entries[head].isValid && entries[head].unfinished == 0 }
  var canPush: Bool { !entries[tail].isValid }

  /// While elements wait or are multiplied every cycle counts.
  var nextEvent: Cycle? {
    entries.contains { $0.isValid && $0.unfinished > 0 } ? now + 1 : nil
  }

  /// Starts a cycle: elements whose flags were set in the last one are finished.
  mutating func begin(_ now: Cycle) -> Bool {
    self.now = now
    // All take equally long, so the oldest are done first.
    var done = 0
    while done < flights.count, flights[done].done <= now {
      entries[flights[done].entry].unfinished -= 1
      done += 1
    }
    flights.removeFirst(done)
    return done > 0
  }

  mutating func take() {
    entries[head].isValid = false
    head = (head + 1) % Self.entryCount
  }

  /// Gives every multiplier its next element; returns whether any took one.
  mutating func grant() -> Bool {
    guard entries.contains(where: \.isValid) else { return false }
    let usesNormUnits = Self.assignment(
      normalising: entries.map { $0.isValid && $0.normalises }, units: units)
    var moved = false
    for unit in 0..<units {
      let isNorm = unit < Self.normUnits
      let step = isNorm ? Self.normUnits : units - Self.normUnits
      let first = isNorm ? unit : unit - Self.normUnits
      if let element = next(for: unit, first: first, step: step, in: usesNormUnits, isNorm) {
        lastGrant[unit] = element
        let entry = element / lanes
        entries[entry].isGranted[element % lanes] = true
        // An input register, the multiplier's stages, then the flag.
        flights.append(Flight(done: now + latency + 2, entry: entry))
        moved = true
      }
    }
    return moved
  }

  /// The next waiting element of a multiplier after its last one, round robin.
  private func next(
    for unit: Int, first: Int, step: Int, in usesNormUnits: [Bool], _ isNorm: Bool
  ) -> Int? {
    var lowest: Int?
    for element in stride(from: first, to: Self.entryCount * lanes, by: step) {
      let entry = element / lanes
      guard entries[entry].isValid, usesNormUnits[entry] == isNorm,
        !entries[entry].isGranted[element % lanes]
      else { continue }
      if element > lastGrant[unit] { return element }
      if lowest == nil { lowest = element }
    }
    return lowest
  }

  mutating func push(normalises: Bool) {
    entries[tail] = Entry(
      isValid: true, normalises: normalises, unfinished: lanes,
      isGranted: Array(repeating: false, count: lanes))
    tail = (tail + 1) % Self.entryCount
  }

  /// Which entries the norm units serve: all that normalise and, if those are fewer than the norm
  /// units' share of the ring, others from the highest entry down.
  static func assignment(normalising: [Bool], units: Int) -> [Bool] {
    let count = normalising.count { $0 }
    let share = Float(normUnits) / Float(units)
    guard Float(count) / Float(entryCount) < share else { return normalising }
    var missing = Int((share * Float(entryCount) + 0.5).rounded(.down)) - count
    var assigned = normalising
    for entry in assigned.indices.reversed() where missing > 0 && !assigned[entry] {
      assigned[entry] = true
      missing -= 1
    }
    return assigned
  }
}

// MARK: State

extension ScalingUnit {
  mutating func visit(_ codec: inout StateCodec) {
    pipeline.visit(&codec, true) { _, _ in }
    if var entries = ring {
      entries.visit(&codec)
      ring = entries
    }
  }
}

extension ScalingRing {
  fileprivate mutating func visit(_ codec: inout StateCodec) {
    codec.integer(&head)
    codec.integer(&tail)
    for unit in lastGrant.indices { codec.integer(&lastGrant[unit]) }
    for index in entries.indices {
      codec.flag(&entries[index].isValid)
      guard entries[index].isValid else { continue }
      codec.flag(&entries[index].normalises)
      codec.integer(&entries[index].unfinished)
      for lane in 0..<lanes { codec.flag(&entries[index].isGranted[lane]) }
    }
    codec.list(&flights, Flight(done: 0, entry: 0)) { flight, codec in
      codec.deadline(&flight.done)
      codec.integer(&flight.entry)
    }
  }
}
