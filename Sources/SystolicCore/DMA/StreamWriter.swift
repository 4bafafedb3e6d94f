/// One block of a row for main memory, as it reaches the writer (facts 9.3).
public struct WriteRequest: Equatable, Sendable {
  /// Byte address of the whole row in main memory.
  public var address: UInt64
  /// Bytes of this block.
  public var byteCount: Int
  /// Place of the block in its row.
  public var block: Int
  /// The row is complete and goes out; otherwise the block is only kept.
  public var stores: Bool

  public init(address: UInt64, byteCount: Int, block: Int, stores: Bool) {
    self.address = address
    self.byteCount = byteCount
    self.block = block
    self.stores = stores
  }
}

/// The writing half of the DMA: collects the blocks of a row and sends them beat by beat.
public struct StreamWriter: Sendable {
  private enum State: UInt8, Sendable { case idle, newPacket, beats }

  private let smallestPacket: Int
  private let largestPacket: Int
  private let beatBytes: Int
  private let blockBytes: Int

  private var state = State.idle
  private var address: UInt64 = 0
  private var bytesLeft = 0
  private var packetSize = 0
  private var packetAddress: UInt64 = 0
  private var packetSource = 0
  private var beatsLeft = 0
  /// Bytes of the packet in progress, taken off `bytesLeft` when its last beat goes.
  private var packetUseful = 0

  private var isSourceBusy: [Bool]
  /// Requests without acknowledgement.
  public private(set) var inFlight = 0
  private var looking: RequestBeat?
  /// What stands, or last stood, in the lookup stage, and whether it left it this cycle.
  public private(set) var lookup = (address: UInt64(0), leaves: false)
  private var shadow: RequestBeat?
  private var translated: RequestBeat?

  /// Why the writer sent no beat in the last cycle, for stall accounts.
  public enum Stall: UInt8, Sendable {
    /// It had no row to send.
    case idle
    /// Nothing: it sent a beat.
    case none
    /// All transactions were in flight.
    case inFlightLimit
    /// The beat before still stood in the lookup stage: the bus or the translation held it.
    case bus
  }

  /// See `Stall`.
  public private(set) var stall = Stall.idle
  /// Whether `tick` can do anything without an answer from memory.
  public private(set) var isActive = false
  /// Whether a request is accepted this cycle; valid after `tick`.
  public private(set) var isReady = true

  /// Creates an idle writer.
  public init(maxInFlight: Int, alignedTo: Int, beatBytes: Int, maxBytes: Int, blockBytes: Int) {
    smallestPacket = max(alignedTo, beatBytes)
    largestPacket = maxBytes
    self.beatBytes = beatBytes
    self.blockBytes = blockBytes
    isSourceBusy = Array(repeating: false, count: maxInFlight)
  }

  /// What a fence waits for.
  public var isBusy: Bool { inFlight > 0 || state != .idle }
  /// Whether a beat waits for its translation.
  public var asksTranslation: Bool { translated != nil }

  /// One cycle up to the point where a new request could be accepted: see `isReady`, `accept`.
  ///
  /// - Returns: Whether anything moved.
  public mutating func tick(
    _ now: Cycle, bus: inout SystemBus, misses: Bool
  ) -> Bool {
    var moved = false
    let hadFree = inFlight < isSourceBusy.count
    var acknowledged: Int?
    if let beat = bus.writerResponses.receive(now) {
      acknowledged = beat.source
      moved = true
    }
    var retry: RequestBeat?
    if let beat = translated {
      if misses {
        retry = beat
        translated = nil
        moved = true
      } else if bus.writerRequests.canSend(now) {
        bus.writerRequests.send(beat)
        translated = nil
        moved = true
      }
    }
    if let looking { lookup.address = looking.address }
    lookup.leaves = looking != nil && translated == nil
    if let retry {
      // The beat behind is parked, so that the retried one keeps its place.
      if let behind = looking { shadow = behind }
      looking = retry
    } else {
      if let beat = looking, translated == nil {
        translated = beat
        looking = nil
        moved = true
      }
      if looking == nil, let parked = shadow {
        looking = parked
        shadow = nil
        moved = true
      }
    }
    isReady = state == .idle
    stall = .none
    if state == .idle {
      stall = .idle
    } else if !hadFree {
      stall = .inFlightLimit
    } else if looking != nil {
      stall = .bus
    } else {
      isReady = sendBeat()
      moved = true
    }
    if let acknowledged {
      isSourceBusy[acknowledged] = false
      inFlight -= 1
    }
    isActive = state != .idle || looking != nil || translated != nil || shadow != nil
    return moved
  }

  /// Sends one beat; returns whether it was the last of the row.
  private mutating func sendBeat() -> Bool {
    if state == .newPacket {
      let (size, useful) = StreamReader.bestPacket(
        address: address, bytesLeft: bytesLeft, smallest: smallestPacket, largest: largestPacket)
      packetSize = size
      packetUseful = useful
      packetAddress = address & ~UInt64(size - 1)
      packetSource = isSourceBusy.firstIndex(of: false) ?? 0
      isSourceBusy[packetSource] = true
      inFlight += 1
      beatsLeft = max(1, size >> beatBytes.trailingZeroBitCount)
      address &+= UInt64(useful)
    }
    beatsLeft -= 1
    looking = RequestBeat(
      isWrite: true, source: packetSource, address: packetAddress, size: packetSize,
      beatsAfter: beatsLeft, isPartial: packetUseful < packetSize)
    guard beatsLeft == 0 else {
      state = .beats
      return false
    }
    bytesLeft -= packetUseful
    state = bytesLeft > 0 ? .newPacket : .idle
    return bytesLeft <= 0
  }

  /// Accepts a block; `isReady` must hold, in the same cycle as `tick`.
  public mutating func accept(_ request: WriteRequest) {
    precondition(isReady, "a busy writer was given a row")
    isReady = false
    isActive = true
    guard request.stores else {
      state = .idle
      return
    }
    address = request.address
    bytesLeft = request.block * blockBytes + request.byteCount
    state = .newPacket
  }
}

// MARK: State

extension WriteRequest {
  public mutating func visit(_ codec: inout StateCodec) {
    codec.address(&address)
    codec.integer(&byteCount)
    codec.integer(&block)
    codec.flag(&stores)
  }
}

extension StreamWriter {
  public mutating func visit(_ codec: inout StateCodec) {
    if codec.holds(&translated, or: .none) { translated?.visit(&codec) }
    if codec.holds(&shadow, or: .none) { shadow?.visit(&codec) }
    if codec.holds(&looking, or: .none) { looking?.visit(&codec) }
    codec.choice(&state)
    if state != .idle {
      codec.address(&address)
      codec.integer(&bytesLeft)
    }
    if state == .beats {
      codec.integer(&packetSize)
      codec.address(&packetAddress)
      codec.transaction(&packetSource, isWrite: true)
      codec.integer(&beatsLeft)
      codec.integer(&packetUseful)
    }
    // Requests without acknowledgement have come up, and nothing else has.
    codec.integer(&inFlight)
    if codec.isRestoring {
      guard inFlight <= isSourceBusy.count else { return codec.giveUp() }
      for index in isSourceBusy.indices { isSourceBusy[index] = index < inFlight }
    } else if codec.transactions(isWrite: true).count != inFlight {
      return codec.giveUp()
    }
    codec.page(&lookup.address)
    codec.flag(&lookup.leaves)
    codec.choice(&stall)
    codec.flag(&isActive)
    codec.flag(&isReady)
  }
}
