/// One local row, or part of one, that came from main memory.
public struct IncomingRow: Equatable, Sendable {
  public var destination: RowDestination
  /// Last row of its packet, which reports `packetBytes` to the load controller.
  public var isLast: Bool
  public var packetBytes: Int
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
    min(max(bytesRead - packet.shift, 0), packet.usefulBytes)
  }

  private func sentAfterNext(_ packet: ReadPacket) -> Int {
    let width = packet.destination.isFullWidth ? fullRowBytes : rowBytes
    let offset = bytesSent == 0 ? packet.rowOffset : 0
    return min(bytesSent + width - offset, packet.usefulBytes)
  }

  /// The row that is complete, if any.
  public var output: IncomingRow? {
    guard let packet else { return nil }
    let width = packet.destination.isFullWidth ? fullRowBytes : rowBytes
    let useful = usefulRead(packet)
    guard useful > bytesSent,
      useful - bytesSent >= width || useful == packet.usefulBytes
    else { return nil }
    var destination = packet.destination
    destination.row += destination.blockStride * ((packet.rowOffset + bytesSent) / width)
    return IncomingRow(
      destination: destination, isLast: sentAfterNext(packet) == packet.usefulBytes,
      packetBytes: packet.usefulBytes)
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
      hasRoom = bytesRead != packet.size
      if bytesRead == packet.size, bytesSent == packet.usefulBytes { popped = true }
      if takesOutput, sentAfterNext(packet) == packet.usefulBytes, bytesRead == packet.size {
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
        let isLastBeat = beatBytes >= packet.size - bytesRead
        if bytesSent == packet.usefulBytes, isLastBeat { popped = true }
        bytesRead = min(bytesRead + beatBytes, packet.size)
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
