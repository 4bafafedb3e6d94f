/// What a load asks of the reader for one row of main memory (facts 6.2).
public struct ReadRequest: Equatable, Sendable {
  /// Byte address in main memory.
  public var address: UInt64
  /// Bytes of the row.
  public var byteCount: Int
  /// Where the bytes go.
  public var destination: RowDestination

  public init(address: UInt64, byteCount: Int, destination: RowDestination) {
    self.address = address
    self.byteCount = byteCount
    self.destination = destination
  }
}

/// Where the bytes of a row go, and how. Packed, because one travels with every row.
public struct RowDestination: Equatable, Sendable {
  @usableFromInline var row32: Int32
  @usableFromInline var blockStride32: Int32
  @usableFromInline var repeats16: UInt16
  @usableFromInline var pixelRepeats16: UInt16
  @usableFromInline var commandSlot16: UInt16
  /// Running number of the load, for telling apart who wrote a row last.
  public var order: UInt32 = 0
  /// The rows are the accumulator's.
  public var isAccumulator: Bool
  /// The write adds to what the accumulator holds.
  public var accumulates: Bool
  /// The row holds int32 elements for the accumulator.
  public var isFullWidth: Bool
  /// The scale is not 1.
  public var isScaled: Bool

  /// First local row.
  @inlinable public var row: Int {
    get { Int(row32) }
    set { row32 = Int32(truncatingIfNeeded: newValue) }
  }
  /// Local rows between two blocks of one array width.
  @inlinable public var blockStride: Int { Int(blockStride32) }
  /// How often the row is written again to the rows below it (stride 0).
  @inlinable public var repeats: Int { Int(repeats16) }
  /// Copies of a row's pixels, at least 1.
  @inlinable public var pixelRepeats: Int { Int(pixelRepeats16) }
  /// Slot of the load's command tracker.
  @inlinable public var commandSlot: Int { Int(commandSlot16) }

  @inlinable public init(
    row: Int, blockStride: Int, isAccumulator: Bool, accumulates: Bool, isFullWidth: Bool,
    isScaled: Bool, repeats: Int, pixelRepeats: Int, commandSlot: Int
  ) {
    row32 = Int32(truncatingIfNeeded: row)
    blockStride32 = Int32(truncatingIfNeeded: blockStride)
    repeats16 = UInt16(truncatingIfNeeded: repeats)
    pixelRepeats16 = UInt16(truncatingIfNeeded: pixelRepeats)
    commandSlot16 = UInt16(truncatingIfNeeded: commandSlot)
    self.isAccumulator = isAccumulator
    self.accumulates = accumulates
    self.isFullWidth = isFullWidth
    self.isScaled = isScaled
  }
}

/// One packet of a row: what the tracker remembers until its data comes (facts 9.1).
struct ReadPacket: Equatable, Sendable {
  /// Bytes to drop before the first useful one.
  var shift: Int32
  var usefulBytes: Int32
  /// Bytes of the packet.
  var size: Int32
  /// Place of the first useful byte in its local row.
  var rowOffset: Int32
  var destination: RowDestination
}

/// The reading half of the DMA: rows become packets, packets become requests (facts 9.1, 9.4).
public struct StreamReader: Sendable {
  private let smallestPacket: Int
  private let largestPacket: Int
  private let beatBytes: Int
  private let rowBytes: Int
  private let fullRowBytes: Int

  private var request: ReadRequest?
  private var bytesRequested = 0
  /// Packets in flight by transaction number.
  private(set) var packets: [ReadPacket?]
  /// Packets in flight.
  public private(set) var inFlight = 0
  /// No transaction below this is free.
  private var lowestFree = 0
  /// The transaction that was freed last, and when.
  private var released = (source: -1, cycle: -1)
  private var looking: RequestBeat?
  /// What stands, or last stood, in the lookup stage, and whether it left it this cycle.
  public private(set) var lookup = (address: UInt64(0), leaves: false)
  private var translated: RequestBeat?
  /// Why the reader made no packet in the last cycle, for stall accounts.
  public private(set) var stall = Stall.idle

  /// Whether `tick` can do anything without a new row.
  public private(set) var isActive = false

  /// What kept the reader from making a packet.
  public enum Stall: UInt8, Sendable {
    /// It had no row to cut into packets.
    case idle
    /// Nothing: it made a packet.
    case none
    /// All transactions were in flight.
    case inFlightLimit
    /// A packet came back from translation and went first (facts 9.4).
    case retry
  }

  /// Creates an idle reader.
  public init(
    maxInFlight: Int, alignedTo: Int, beatBytes: Int, maxBytes: Int, rowBytes: Int,
    fullRowBytes: Int
  ) {
    smallestPacket = max(alignedTo, beatBytes)
    largestPacket = maxBytes
    self.beatBytes = beatBytes
    self.rowBytes = rowBytes
    self.fullRowBytes = fullRowBytes
    packets = Array(repeating: nil, count: maxInFlight)
  }

  /// What a fence waits for.
  public var isBusy: Bool { inFlight > 0 }
  /// Whether a beat waits for its translation.
  public var asksTranslation: Bool { translated != nil }

  /// Frees a transaction whose last beat has been taken.
  public mutating func release(_ source: Int, _ now: Cycle) {
    packets[source] = nil
    released = (source, now)
    lowestFree = min(lowestFree, source)
    inFlight -= 1
  }

  /// One cycle. Takes a row from `issueQueue` when it can.
  ///
  /// - Returns: Whether anything moved.
  public mutating func tick(
    _ now: Cycle, issueQueue: inout Queue<ReadRequest>, bus: inout SystemBus, misses: Bool,
    freeAtStart: Int
  ) -> Bool {
    var moved = false
    var retry: RequestBeat?
    if let beat = translated {
      if !misses, bus.readerRequests.canSend(now) {
        bus.readerRequests.send(beat)
      } else {
        retry = beat
      }
      translated = nil
      moved = true
    }
    lookup.leaves = looking != nil
    if let beat = looking {
      lookup.address = beat.address
      translated = beat
      looking = nil
      moved = true
    }
    var isReady = request == nil
    if let retry {
      looking = retry
      stall = request == nil ? .idle : .retry
    } else if let current = request {
      if freeAtStart > 0 {
        stall = .none
        moved = true
        isReady = makePacket(of: current, now)
      } else {
        stall = .inFlightLimit
      }
    } else {
      stall = .idle
    }
    if isReady, let next = issueQueue.receive(now) {
      request = next
      bytesRequested = 0
      moved = true
    }
    isActive = request != nil || looking != nil || translated != nil
    return moved
  }

  /// Makes the next packet of `current`; returns whether it was the last.
  private mutating func makePacket(of current: ReadRequest, _ now: Cycle) -> Bool {
    let address = current.address &+ UInt64(bytesRequested)
    let left = current.byteCount - bytesRequested
    let (size, useful) = Self.bestPacket(
      address: address, bytesLeft: left, smallest: smallestPacket, largest: largestPacket)
    let shift = Int(address & UInt64(size - 1))
    let width = current.destination.isFullWidth ? fullRowBytes : rowBytes
    var destination = current.destination
    // Rows are powers of two wide.
    destination.row += destination.blockStride * (bytesRequested >> width.trailingZeroBitCount)
    var source = lowestFree
    while packets[source] != nil { source += 1 }
    if released.source == source, released.cycle == now {
      // Its last beat is only now being taken: the number is free from the next cycle on.
      source = packets[(source + 1)...].firstIndex { $0 == nil } ?? source
    } else {
      lowestFree = source + 1
    }
    packets[source] = ReadPacket(
      shift: Int32(shift), usefulBytes: Int32(useful), size: Int32(size),
      rowOffset: Int32(bytesRequested & (width - 1)), destination: destination)
    inFlight += 1
    looking = RequestBeat(
      isWrite: false, source: source, address: address & ~UInt64(size - 1), size: size,
      beatsAfter: 0)
    bytesRequested += useful
    guard useful >= left else { return false }
    request = nil
    return true
  }

  /// The smallest aligned power of two that covers the most of the bytes left (facts 9.1).
  @inlinable public static func bestPacket(
    address: UInt64, bytesLeft: Int, smallest: Int, largest: Int
  ) -> (size: Int, useful: Int) {
    var size = smallest
    var best = (size: smallest, useful: 0)
    while size <= largest {
      let useful = min(size - Int(address & UInt64(size - 1)), bytesLeft)
      if useful > best.useful { best = (size, useful) }
      size *= 2
    }
    return best
  }
}

// MARK: State

extension ReadRequest {
  /// No row: what empty places of a queue hold.
  public static let none = ReadRequest(address: 0, byteCount: 0, destination: .none)

  public mutating func visit(_ codec: inout StateCodec) {
    codec.address(&address)
    codec.integer(&byteCount)
    destination.visit(&codec)
  }
}

extension RowDestination {
  /// No destination: what empty places of a queue hold.
  public static let none = RowDestination(
    row: 0, blockStride: 0, isAccumulator: false, accumulates: false, isFullWidth: false,
    isScaled: false, repeats: 0, pixelRepeats: 1, commandSlot: 0)

  public mutating func visit(_ codec: inout StateCodec) {
    codec.flag(&isAccumulator)
    codec.row(&row32, isAccumulator: isAccumulator)
    codec.integer(&blockStride32)
    codec.integer(&repeats16)
    codec.integer(&pixelRepeats16)
    codec.integer(&commandSlot16)
    codec.order(&order)
    codec.flag(&accumulates)
    codec.flag(&isFullWidth)
    codec.flag(&isScaled)
  }
}

extension ReadPacket {
  static let none = ReadPacket(shift: 0, usefulBytes: 0, size: 0, rowOffset: 0, destination: .none)

  mutating func visit(_ codec: inout StateCodec) {
    codec.integer(&shift)
    codec.integer(&usefulBytes)
    codec.integer(&size)
    codec.integer(&rowOffset)
    destination.visit(&codec)
  }
}

extension StreamReader {
  public mutating func visit(_ codec: inout StateCodec) {
    if codec.holds(&request, or: .none) {
      request?.visit(&codec)
      codec.integer(&bytesRequested)
    }
    if codec.holds(&translated, or: .none) { translated?.visit(&codec) }
    if codec.holds(&looking, or: .none) { looking?.visit(&codec) }
    // Packets by the names of their transactions; whoever is in flight has come up.
    codec.integer(&inFlight)
    let names = codec.isRestoring ? Array(0..<inFlight) : codec.transactions(isWrite: false)
    if codec.isRestoring { packets = Array(repeating: nil, count: packets.count) }
    guard names.count == inFlight, inFlight <= packets.count else { return codec.giveUp() }
    for index in names {
      guard codec.holds(&packets[index], or: .none) else { return codec.giveUp() }
      packets[index]?.visit(&codec)
    }
    // Where the search for a free number begins, and what was freed in a cycle that is over.
    if codec.isRestoring {
      lowestFree = inFlight
      released = (-1, -1)
    }
    codec.page(&lookup.address)
    codec.flag(&lookup.leaves)
    codec.choice(&stall)
    codec.flag(&isActive)
  }
}
