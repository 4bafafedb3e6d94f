/// One local row, or part of one, that came from main memory.
public struct IncomingRow: Equatable, Sendable {
  /// The local row that the bytes are for.
  public var destination: RowDestination
  /// Last row of its packet, which reports `packetBytes` to the load controller.
  public var isLast: Bool
  @usableFromInline var packetBytes32: Int32
  /// Bytes of its packet.
  @inlinable public var packetBytes: Int { Int(packetBytes32) }

  @inlinable public init(destination: RowDestination, isLast: Bool, packetBytes: Int) {
    self.destination = destination
    self.isLast = isLast
    packetBytes32 = Int32(truncatingIfNeeded: packetBytes)
  }
}

/// Puts the beats of one packet at a time together into local rows (facts 9.2).
public struct BeatMerger: Sendable {
  private let beatBytes: Int
  private let rowBytes: Int
  private let fullRowBytes: Int
  private var packet: ReadPacket?
  /// Whether a packet is held.
  public private(set) var isActive = false
  private var bytesRead = 0
  private var bytesSent = 0

  /// Creates an idle merger.
  public init(beatBytes: Int, rowBytes: Int, fullRowBytes: Int) {
    self.beatBytes = beatBytes
    self.rowBytes = rowBytes
    self.fullRowBytes = fullRowBytes
  }

  private func usefulRead(_ packet: ReadPacket) -> Int {
    min(max(bytesRead - Int(packet.shift), 0), Int(packet.usefulBytes))
  }

  private func sentAfterNext(_ packet: ReadPacket) -> Int {
    let width = packet.destination.isFullWidth ? fullRowBytes : rowBytes
    let offset = bytesSent == 0 ? Int(packet.rowOffset) : 0
    return min(bytesSent + width - offset, Int(packet.usefulBytes))
  }

  /// The row that is complete, if any.
  @inline(__always)
  public var output: IncomingRow? {
    guard let packet else { return nil }
    let width = packet.destination.isFullWidth ? fullRowBytes : rowBytes
    let useful = usefulRead(packet)
    guard useful > bytesSent,
      useful - bytesSent >= width || useful == Int(packet.usefulBytes)
    else { return nil }
    var destination = packet.destination
    let place = Int(packet.rowOffset) + bytesSent
    destination.row += destination.blockStride * (place >> width.trailingZeroBitCount)
    return IncomingRow(
      destination: destination, isLast: sentAfterNext(packet) == Int(packet.usefulBytes),
      packetBytes: Int(packet.usefulBytes))
  }

  /// One cycle: `takesOutput` says whether the row in `output` leaves. Takes a beat when it can.
  ///
  /// - Returns: Whether anything moved.
  public mutating func tick(
    _ now: Cycle, takesOutput: Bool, reader: inout StreamReader,
    responses: inout Queue<ResponseBeat>
  ) -> Bool {
    var moved = takesOutput
    defer { isActive = packet != nil }
    var isFree = packet == nil
    var hasRoom = false
    var popped = false
    if let packet {
      let useful = Int(packet.usefulBytes)
      hasRoom = bytesRead != Int(packet.size)
      if !hasRoom, bytesSent == useful { popped = true }
      if takesOutput, !hasRoom, sentAfterNext(packet) == useful {
        popped = true
        isFree = true
      }
    }
    if let beat = responses.first, isFree || hasRoom {
      responses.receive(now)
      moved = true
      if isFree {
        packet = reader.packets[beat.source]
        bytesRead = min(beatBytes, beat.size)
        bytesSent = 0
      } else if let packet {
        let isLastBeat = beatBytes >= Int(packet.size) - bytesRead
        if bytesSent == Int(packet.usefulBytes), isLastBeat { popped = true }
        bytesRead = min(bytesRead + beatBytes, Int(packet.size))
        if takesOutput { bytesSent = sentAfterNext(packet) }
        if popped { self.packet = nil }
      }
      if beat.isLast { reader.release(beat.source, now) }
      return moved
    }
    if let packet {
      if takesOutput { bytesSent = sentAfterNext(packet) }
      if popped {
        self.packet = nil
        moved = true
      }
    }
    return moved
  }
}

// MARK: State

extension IncomingRow {
  static let none = IncomingRow(destination: .none, isLast: false, packetBytes: 0)

  mutating func visit(_ codec: inout StateCodec) {
    destination.visit(&codec)
    codec.flag(&isLast)
    codec.integer(&packetBytes32)
  }
}

extension BeatMerger {
  public mutating func visit(_ codec: inout StateCodec) {
    if codec.holds(&packet, or: .none) {
      packet?.visit(&codec)
      codec.integer(&bytesRead)
      codec.integer(&bytesSent)
    }
    codec.flag(&isActive)
  }
}
