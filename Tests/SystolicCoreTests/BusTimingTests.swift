import Testing

@testable import SystolicCore

/// The DMA engines and the bus, against facts 9.
@Suite struct BusTimingTests {
  private func read(_ source: Int) -> RequestBeat {
    RequestBeat(isWrite: false, source: source, address: 0x8000_0000, size: 16, beatsAfter: 0)
  }

  private func write(_ source: Int, beatsAfter: Int) -> RequestBeat {
    RequestBeat(
      isWrite: true, source: source, address: 0x8000_0000, size: 64, beatsAfter: beatsAfter)
  }

  /// Facts 9.5: the engine's A valid at 4, on the bus at 6; D on the bus at t, at the engine t + 2.
  @Test func bothDirectionsTakeTwoCycles() {
    let latency = 20
    var bus = SystemBus(
      memory: MemorySystem(latency: latency, beatBytes: 16), beatBytes: 16, maxInFlight: 16)
    for cycle in 4...(8 + latency) {
      #expect(bus.readerResponses.isEmpty == (cycle < 8 + latency), "cycle \(cycle)")
      _ = bus.advanceRequests(cycle)
      #expect((bus.acceptedRequest != nil) == (cycle == 6), "cycle \(cycle)")
      if cycle == 4 { bus.readerRequests.send(read(0)) }
      _ = bus.advanceResponses(cycle)
      #expect((bus.sentResponse != nil) == (cycle == 6 + latency), "cycle \(cycle)")
    }
    #expect(bus.statistics.readBytes == 16)
  }

  /// Facts 9.5: round robin between the engines.
  @Test func theEnginesTakeTurns() {
    var bus = SystemBus(
      memory: MemorySystem(latency: 1000, beatBytes: 16), beatBytes: 16, maxInFlight: 64)
    var order: [Bool] = []
    for cycle in 0..<24 {
      _ = bus.advanceRequests(cycle)
      if let beat = bus.acceptedRequest { order.append(beat.isWrite) }
      if bus.readerRequests.canSend(cycle) { bus.readerRequests.send(read(0)) }
      if bus.writerRequests.canSend(cycle) {
        bus.writerRequests.send(write(0, beatsAfter: 0))
      }
    }
    #expect(order.count == 22)
    for (one, next) in zip(order, order.dropFirst()) { #expect(one != next) }
  }

  /// Facts 9.5: locked for the beats of one write.
  @Test func aWriteIsNotInterrupted() {
    var bus = SystemBus(
      memory: MemorySystem(latency: 1000, beatBytes: 16), beatBytes: 16, maxInFlight: 64)
    var order: [Bool] = []
    var beatsAfter = 3
    for cycle in 0..<50 {
      _ = bus.advanceRequests(cycle)
      if let beat = bus.acceptedRequest { order.append(beat.isWrite) }
      if bus.readerRequests.canSend(cycle) { bus.readerRequests.send(read(0)) }
      if bus.writerRequests.canSend(cycle) {
        bus.writerRequests.send(write(0, beatsAfter: beatsAfter))
        beatsAfter = beatsAfter == 0 ? 3 : beatsAfter - 1
      }
    }
    let text = order.map { $0 ? "w" : "r" }.joined()
    #expect(text.contains("rwwwwrwwwwrwwwwr"))
    #expect(!text.contains("rr"))
  }

  /// Facts C6: address modulo 64, bytes, then size/useful/shift of each packet.
  @Test(arguments: [
    (0, 16, [[16, 16, 0]]), (8, 16, [[32, 16, 8]]), (24, 16, [[64, 16, 24]]),
    (56, 16, [[16, 8, 8], [16, 8, 0]]), (0, 64, [[64, 64, 0]]),
    (16, 64, [[64, 48, 16], [16, 16, 0]]), (40, 64, [[32, 24, 8], [64, 40, 0]]),
    (0, 48, [[64, 48, 0]]), (4, 3, [[16, 3, 4]]), (60, 8, [[16, 4, 12], [16, 4, 0]]),
    (32, 32, [[32, 32, 0]]), (16, 32, [[64, 32, 16]]),
  ])
  func packets(_ offset: Int, _ bytes: Int, _ expected: [[Int]]) {
    var address = 0x8000_0000 + UInt64(offset)
    var left = bytes
    var found: [[Int]] = []
    while left > 0 {
      let (size, useful) = StreamReader.bestPacket(
        address: address, bytesLeft: left, smallest: 16, largest: 64)
      found.append([size, useful, Int(address & UInt64(size - 1))])
      address += UInt64(useful)
      left -= useful
    }
    #expect(found == expected)
  }

  /// Any row: packets are aligned, cover the row once and in order, and no smaller one would do.
  @Test func packetsCoverEveryRow() {
    for offset in 0..<64 {
      for bytes in 1...64 {
        var position = offset
        while position < offset + bytes {
          let left = offset + bytes - position
          let (size, useful) = StreamReader.bestPacket(
            address: UInt64(position), bytesLeft: left, smallest: 16, largest: 64)
          #expect([16, 32, 64].contains(size))
          #expect(useful >= 1 && useful <= left)
          #expect(position % size + useful <= size)
          let half = size / 2
          if half >= 16 { #expect(min(half - position % half, left) < useful) }
          position += useful
        }
        #expect(position == offset + bytes)
      }
    }
  }

  private struct ReadPath {
    var reader: StreamReader
    var merger: BeatMerger
    var bus: SystemBus
    var translation = Translation()
    var queue = Queue<ReadRequest>(depth: 5, kind: .pipe)
    var gets: [Cycle] = []
    var data: [Cycle] = []
    var rows: [(cycle: Cycle, row: IncomingRow)] = []

    init(latency: Int = 20, maxInFlight: Int = 16) {
      reader = StreamReader(
        maxInFlight: maxInFlight, alignedTo: 1, beatBytes: 16, maxBytes: 64, rowBytes: 16,
        fullRowBytes: 64)
      merger = BeatMerger(beatBytes: 16, rowBytes: 16, fullRowBytes: 64)
      bus = SystemBus(
        memory: MemorySystem(latency: latency, beatBytes: 16), beatBytes: 16,
        maxInFlight: maxInFlight)
    }

    /// Runs `cycles` cycles in which a controller offers `requests`, one a cycle from cycle 0.
    mutating func run(_ requests: [ReadRequest], cycles: Int) {
      var next = 0
      for now in 0..<cycles {
        let free = 16 - reader.inFlight
        let misses = translation.answer()
        _ = bus.advanceRequests(now)
        if bus.acceptedRequest != nil { gets.append(now) }
        let row = merger.output
        if let row { rows.append((now, row)) }
        _ = merger.tick(
          now, takesOutput: row != nil, reader: &reader, responses: &bus.readerResponses)
        _ = reader.tick(
          now, issueQueue: &queue, bus: &bus, misses: misses.readerMisses, freeAtStart: free)
        _ = translation.lookUp(
          writer: 0, leaves: false, reader: reader.lookup.address, leaves: reader.lookup.leaves)
        if next < requests.count, queue.canSend(now) {
          queue.send(requests[next])
          next += 1
        }
        _ = bus.advanceResponses(now)
        if bus.sentResponse != nil { data.append(now) }
      }
    }
  }

  private func request(_ address: UInt64, _ bytes: Int, isFullWidth: Bool = false) -> ReadRequest {
    ReadRequest(
      address: address, byteCount: bytes,
      destination: RowDestination(
        row: 100, blockStride: 16, isAccumulator: isFullWidth, accumulates: false,
        isFullWidth: isFullWidth, isScaled: false, repeats: 0, pixelRepeats: 1, commandSlot: 0))
  }

  /// Facts 9.1 and 9.5: row accepted at 0, on the bus at 6, then one a cycle.
  @Test func rowsReachTheBusSixCyclesAfterTheController() {
    var path = ReadPath()
    path.run((0..<8).map { request(0x8000_0000 + UInt64($0) * 16, 16) }, cycles: 60)
    #expect(path.gets == Array(6...13))
    #expect(path.data == Array(26...33))
    // Facts 9.2: a row completed by a beat comes out one cycle behind it; D on the bus + 3.
    #expect(path.rows.map(\.cycle) == Array(29...36))
    #expect(!path.reader.isActive)
  }

  @Test func noMoreRequestsThanTransactions() {
    var path = ReadPath(latency: 1000)
    path.run((0..<20).map { request(0x8000_0000 + UInt64($0) * 16, 16) }, cycles: 200)
    #expect(path.gets == Array(6...21))
    #expect(path.reader.inFlight == 16)
  }

  /// Facts 9.2: one packet of four beats gives four int8 rows, or one int32 row.
  @Test func beatsBecomeRows() {
    var path = ReadPath()
    path.run([request(0x8000_0000, 64)], cycles: 60)
    #expect(path.rows.map(\.cycle) == [29, 30, 31, 32])
    #expect(path.rows.map(\.row.destination.row) == [100, 116, 132, 148])
    #expect(path.rows.map(\.row.isLast) == [false, false, false, true])
    var full = ReadPath()
    full.run([request(0x8000_0000, 64, isFullWidth: true)], cycles: 60)
    #expect(full.rows.map(\.cycle) == [32])
    #expect(full.rows.map(\.row.packetBytes) == [64])
  }

  /// Facts 9.2: 16 bytes at offset 56 are two packets, and two trips to the same local row.
  @Test func aSplitRowComesTwice() {
    var path = ReadPath()
    path.run([request(0x8000_0038, 16)], cycles: 60)
    #expect(path.gets == [6, 7])
    #expect(path.rows.map(\.row.destination.row) == [100, 100])
    #expect(path.rows.map(\.row.packetBytes) == [8, 8])
  }

  private func writes(_ blocks: Int, bytes: Int, cycles: Int) -> (accepted: [Cycle], beats: [Cycle])
  {
    var writer = StreamWriter(
      maxInFlight: 16, alignedTo: 1, beatBytes: 16, maxBytes: 64, blockBytes: 16)
    var bus = SystemBus(
      memory: MemorySystem(latency: 4, beatBytes: 16), beatBytes: 16, maxInFlight: 16)
    var translation = Translation()
    var accepted: [Cycle] = []
    var beats: [Cycle] = []
    var block = 0
    for now in 0..<cycles {
      let misses = translation.answer()
      _ = bus.advanceRequests(now)
      if bus.acceptedRequest != nil { beats.append(now) }
      _ = writer.tick(now, bus: &bus, misses: misses.writerMisses)
      _ = translation.lookUp(
        writer: writer.lookup.address, leaves: writer.lookup.leaves, reader: 0, leaves: false)
      if writer.isReady {
        let row = UInt64(accepted.count / blocks)
        writer.accept(
          WriteRequest(
            address: 0x8000_0000 + row * 64, byteCount: bytes, block: block,
            stores: block == blocks - 1))
        block = block == blocks - 1 ? 0 : block + 1
        accepted.append(now)
      }
      _ = bus.advanceResponses(now)
    }
    return (accepted, beats)
  }

  /// Facts 9.3: blocks at 0, 1, 2, 3, beats at 4...7, the next row's first block at 7.
  @Test func aRowOfFourBlocksTakesSevenCycles() {
    let (accepted, beats) = writes(4, bytes: 16, cycles: 36)
    #expect(Array(accepted.prefix(12)) == [0, 1, 2, 3, 7, 8, 9, 10, 14, 15, 16, 17])
    // On the bus 4 cycles after the engine makes the beat (golden: put 5 after its request).
    #expect(Array(beats.prefix(8)) == [8, 9, 10, 11, 15, 16, 17, 18])
  }

  /// Facts 9.3: a 16-byte row takes one cycle, a full-width one four.
  @Test func rowsOfOneBlock() {
    #expect(writes(1, bytes: 16, cycles: 12).accepted == Array(0..<12))
    #expect(writes(1, bytes: 64, cycles: 12).accepted == [0, 4, 8])
  }
}
