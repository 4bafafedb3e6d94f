/// The way between the two DMA engines and main memory (facts 9.5).
///
/// Each engine has a two-entry buffer in each direction; a crossbar joins the engines round robin,
/// locked for the beats of one write; one more two-entry buffer leads to memory. Memory accepts at
/// most a beat a cycle and answers in order, at most one beat a cycle; when, `MemorySystem` says.
public struct SystemBus: Sendable {
  /// The buffer between the reader and the crossbar, requests.
  public var readerRequests = Queue<RequestBeat>(depth: 2)
  /// The buffer between the writer and the crossbar, requests.
  public var writerRequests = Queue<RequestBeat>(depth: 2)
  /// The buffer before the beat merger, data of reads.
  public var readerResponses = Queue<ResponseBeat>(depth: 2)
  /// The buffer before the writer, acknowledgements.
  public var writerResponses = Queue<ResponseBeat>(depth: 2)
  private var memoryRequests = Queue<RequestBeat>(depth: 2)
  private var memoryResponses = Queue<ResponseBeat>(depth: 2)

  /// The crossbar granted the writer last, or nobody: the reader wins the next tie.
  private var readerWinsTie = false
  /// Beats that the crossbar still owes to the writer's current request.
  private var lockedBeats = 0

  /// Answers that memory will give, oldest first.
  private var pending: [PendingResponse]
  private var pendingHead = 0
  private var pendingCount = 0
  private let beatBytes: Int
  /// What answers.
  public private(set) var memory: MemorySystem

  /// A request stands in the buffer before memory, or memory accepted one this cycle.
  public private(set) var holdsRequest = false
  /// An answer stands in the buffer behind memory, or memory gave one this cycle.
  public private(set) var holdsResponse = false
  /// Cycle from which memory has an answer to give; far away if it owes none.
  public private(set) var answersFrom: Cycle = .max
  /// Requests without a complete answer.
  public private(set) var outstanding = 0
  /// What has passed so far.
  public private(set) var statistics = BusStatistics()

  private struct PendingResponse: Sendable {
    var answer = MemorySystem.Answer()
    var beatsLeft = 0
    var beat = ResponseBeat(isWrite: false, source: 0, size: 0, isLast: false)
  }

  /// Creates an idle bus to `memory` for engines with `maxInFlight` transactions each.
  public init(memory: MemorySystem, beatBytes: Int, maxInFlight: Int) {
    self.memory = memory
    self.beatBytes = beatBytes
    pending = Array(repeating: PendingResponse(), count: 2 * maxInFlight + 2)
  }

  /// The beat that memory accepted this cycle, for observers.
  public private(set) var acceptedRequest: RequestBeat?
  /// The beat with which memory answered this cycle, for observers.
  public private(set) var sentResponse: ResponseBeat?
  /// Memory had an answer that the bus could not take this cycle.
  public private(set) var isResponseStalled = false

  /// Clears what observers see; for cycles in which the bus is not run.
  public mutating func forgetEvents() {
    acceptedRequest = nil
    sentResponse = nil
    isResponseStalled = false
  }

  /// Requests move one step towards memory. Runs before the engines send.
  public mutating func advanceRequests(_ now: Cycle) -> Bool {
    defer { holdsRequest = !memoryRequests.isEmpty || acceptedRequest != nil }
    acceptedRequest = nil
    var moved = false
    if memory.acceptsFrom <= now, let beat = memoryRequests.receive(now) {
      accept(beat, now)
      moved = true
    }
    guard memoryRequests.canSend(now) else { return moved }
    if lockedBeats > 0 {
      guard let beat = writerRequests.receive(now) else { return moved }
      memoryRequests.send(beat)
      lockedBeats -= 1
      return true
    }
    let grantsReader: Bool
    switch (readerRequests.isEmpty, writerRequests.isEmpty) {
    case (true, true): return moved
    case (false, true): grantsReader = true
    case (true, false): grantsReader = false
    case (false, false): grantsReader = readerWinsTie
    }
    readerWinsTie = !grantsReader
    if grantsReader {
      if let beat = readerRequests.receive(now) { memoryRequests.send(beat) }
    } else if let beat = writerRequests.receive(now) {
      memoryRequests.send(beat)
      lockedBeats = beat.beatsAfter
    }
    return true
  }

  private mutating func accept(_ beat: RequestBeat, _ now: Cycle) {
    acceptedRequest = beat
    statistics.requestBeats += 1
    guard beat.beatsAfter == 0 else { return }
    outstanding += 1
    statistics.maxOutstanding = max(statistics.maxOutstanding, outstanding)
    if beat.isWrite {
      statistics.writes += 1
      statistics.writeBytes += beat.size
    } else {
      statistics.reads += 1
      statistics.readBytes += beat.size
    }
    let answer = memory.accept(beat, now)
    let at = pendingHead + pendingCount
    pending[at < pending.count ? at : at - pending.count] = PendingResponse(
      answer: answer,
      beatsLeft: beat.isWrite ? 1 : max(1, beat.size >> beatBytes.trailingZeroBitCount),
      beat: ResponseBeat(
        isWrite: beat.isWrite, source: beat.source, size: beat.size, isLast: true))
    pendingCount += 1
    if pendingCount == 1 { answersFrom = answer.ready }
  }

  /// Answers move one step towards the engines. Runs after the engines have taken theirs.
  public mutating func advanceResponses(_ now: Cycle) -> Bool {
    defer { holdsResponse = !memoryResponses.isEmpty || sentResponse != nil }
    sentResponse = nil
    isResponseStalled = false
    var moved = false
    if let beat = memoryResponses.first {
      if beat.isWrite {
        if writerResponses.canSend(now) {
          writerResponses.send(beat)
          memoryResponses.receive(now)
          moved = true
        }
      } else if readerResponses.canSend(now) {
        readerResponses.send(beat)
        memoryResponses.receive(now)
        moved = true
      }
    }
    guard pendingCount > 0, answersFrom <= now else { return moved }
    guard memoryResponses.canSend(now) else {
      isResponseStalled = true
      return moved
    }
    var beat = pending[pendingHead].beat
    pending[pendingHead].beatsLeft -= 1
    beat.isLast = pending[pendingHead].beatsLeft == 0
    memoryResponses.send(beat)
    sentResponse = beat
    statistics.responseBeats += 1
    if beat.isLast {
      pendingHead = pendingHead + 1 == pending.count ? 0 : pendingHead + 1
      pendingCount -= 1
      answersFrom = pendingCount > 0 ? pending[pendingHead].answer.ready : .max
      outstanding -= 1
    } else {
      memory.advance(&pending[pendingHead].answer)
      answersFrom = pending[pendingHead].answer.ready
    }
    return true
  }

  /// The beat that memory gives next, or has just finished giving.
  public var responseAtHand: ResponseBeat { pending[pendingHead].beat }

  /// First cycle of memory's next answer, or `nil` if it owes none.
  public var nextResponse: Cycle? { pendingCount > 0 ? answersFrom : nil }

  /// First cycle in which memory accepts the beat that waits for it, or `nil` if none does.
  public var nextAcceptance: Cycle? { memoryRequests.isEmpty ? nil : memory.acceptsFrom }
}

/// What passed over the bus.
public struct BusStatistics: Equatable, Sendable {
  /// Read requests.
  public var reads = 0
  /// Bytes of read requests, whole packets.
  public var readBytes = 0
  /// Write requests.
  public var writes = 0
  /// Bytes of write requests, whole packets.
  public var writeBytes = 0
  /// Beats that memory accepted: one a read, one or more a write.
  public var requestBeats = 0
  /// Beats that memory sent: data of reads, and one a write.
  public var responseBeats = 0
  /// Most requests without a complete answer at one time.
  public var maxOutstanding = 0

  public init() {}

  /// What has passed since `earlier`, but for the most requests at one time.
  public func since(_ earlier: BusStatistics) -> BusStatistics {
    var rest = self
    rest.reads -= earlier.reads
    rest.readBytes -= earlier.readBytes
    rest.writes -= earlier.writes
    rest.writeBytes -= earlier.writeBytes
    rest.requestBeats -= earlier.requestBeats
    rest.responseBeats -= earlier.responseBeats
    return rest
  }

  /// Adds what passed at another time.
  public mutating func add(_ other: BusStatistics) {
    reads += other.reads
    readBytes += other.readBytes
    writes += other.writes
    writeBytes += other.writeBytes
    requestBeats += other.requestBeats
    responseBeats += other.responseBeats
    maxOutstanding = max(maxOutstanding, other.maxOutstanding)
  }
}

// MARK: State

extension SystemBus {
  /// Runs before the engines are visited.
  public mutating func visit(_ codec: inout StateCodec) {
    // From the oldest transaction to the youngest, which names them.
    readerResponses.visit(&codec, .none) { $0.visit(&$1) }
    writerResponses.visit(&codec, .none) { $0.visit(&$1) }
    memoryResponses.visit(&codec, .none) { $0.visit(&$1) }
    codec.integer(&pendingCount)
    if codec.isRestoring { pendingHead = 0 }
    for index in 0..<min(pendingCount, pending.count) {
      let at = (pendingHead + index) % pending.count
      codec.integer(&pending[at].beatsLeft)
      memory.visit(&pending[at].answer, beats: pending[at].beatsLeft, &codec)
      pending[at].beat.visit(&codec)
    }
    memoryRequests.visit(&codec, .none) { $0.visit(&$1) }
    readerRequests.visit(&codec, .none) { $0.visit(&$1) }
    writerRequests.visit(&codec, .none) { $0.visit(&$1) }
    codec.flag(&readerWinsTie)
    codec.integer(&lockedBeats)
    codec.deadline(&answersFrom)
    codec.flag(&holdsRequest)
    codec.flag(&holdsResponse)
    codec.integer(&outstanding)
    memory.visit(&codec)
  }

  /// Begins to look for the largest number of requests in flight anew.
  public mutating func restartPeak() { statistics.maxOutstanding = outstanding }
}
