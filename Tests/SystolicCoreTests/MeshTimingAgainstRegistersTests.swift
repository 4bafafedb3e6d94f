import Testing

@testable import SystolicCore

/// `MeshTiming`, which knows no rows, cycle by cycle beside the array of registers.
@Suite struct MeshTimingAgainstRegistersTests {
  static let shapes = [
    (rows: 16, tile: 1, latency: 0, delay: 1), (rows: 4, tile: 1, latency: 0, delay: 0),
    (rows: 2, tile: 1, latency: 0, delay: 3), (rows: 7, tile: 1, latency: 1, delay: 2),
    (rows: 4, tile: 1, latency: 2, delay: 0), (rows: 2, tile: 4, latency: 0, delay: 1),
    (rows: 4, tile: 2, latency: 1, delay: 2), (rows: 1, tile: 8, latency: 0, delay: 0),
  ]

  /// Random operands, requests, flushes and pauses at every density: readiness, rows that advance,
  /// and every row that leaves with its tag and count are the same in each cycle.
  @Test(arguments: shapes, 0...8) func sameInEveryCycle(
    shape: (rows: Int, tile: Int, latency: Int, delay: Int), kind: Int
  ) throws {
    let pause = [1, 2, 4][kind / 3]
    // Switching the dataflow with work in progress jams the tag queue, in both models alike.
    let stationaryOutputs = [0..<0, 0..<4, 0..<1][kind % 3]
    let isMixed = kind % 3 == 2
    let array = try WavefrontShape(
      meshRows: shape.rows, meshColumns: shape.rows, tileRows: shape.tile, tileColumns: shape.tile,
      tileLatency: shape.latency, outputDelay: shape.delay)
    var registers = WavefrontMesh(shape: array)
    var timing = MeshTiming(
      meshRows: shape.rows, meshColumns: shape.rows, tileRows: shape.tile, tileColumns: shape.tile,
      tileLatency: shape.latency, outputDelay: shape.delay)
    #expect(timing.latency == array.rowLatency)
    var numbers = SeededNumbers(shape.rows * 10 + kind)
    let row: [Int8] = Array(repeating: 1, count: array.dim)
    var differences: [Cycle] = []
    var responses = 0
    for now in 0..<400 {
      timing.begin(now)
      let expected = timing.response(now)
      let ready = OperandSet.each.map { timing.ready.contains($0) } + [timing.canRequest]
      let found = [
        registers.acceptsA, registers.acceptsB, registers.acceptsD, registers.acceptsRequest,
      ]
      if ready != found || timing.advancesRow != registers.rowAdvances { differences.append(now) }

      var offers = (0..<4).map { _ in Int.random(in: 0..<pause, using: &numbers) == 0 }
      for port in 0..<4 where !found[port] { offers[port] = false }
      if offers[0] { _ = registers.offerA(row) }
      if offers[1] { _ = registers.offerB(row) }
      if offers[2] { _ = registers.offerD(row) }
      var taken: MeshRequest?
      if offers[3] {
        let stays = stationaryOutputs.contains(Int.random(in: 0..<4, using: &numbers))
        var request = WavefrontRequest(
          tag: Bool.random(using: &numbers) ? now : nil,
          rows: Int.random(in: 1...array.dim, using: &numbers),
          dataflow: stays ? .outputStationary : .weightStationary)
        request.flush = max(Int.random(in: -6...2, using: &numbers), 0)
        _ = registers.offer(request)
        taken = MeshRequest(
          tag: request.tag.map {
            MeshTag(entry: $0, address: .garbage, isGarbage: false, rows: 0)
          } ?? .garbage,
          rows: request.rows, flush: request.flush, isOutputStationary: stays)
      }
      _ = timing.advance(
        now, taking: OperandSet(a: offers[0], b: offers[1], d: offers[2]),
        takesRequest: taken != nil)
      if let taken { timing.take(taken) }
      let response = registers.tick()
      if response != nil { responses += 1 }
      if response.map({ [$0.tag ?? -1, $0.rows, $0.isLast ? 1 : 0] })
        != expected.map({ [$0.tag.entry, $0.totalRows, $0.isLast ? 1 : 0] })
      {
        differences.append(now)
      }
    }
    #expect(differences.isEmpty, "first in cycle \(differences.first ?? -1)")
    #expect(isMixed || responses > 50)
  }

  /// Each tag goes with the rows of its result, up to the first weight-stationary operation directly
  /// behind an output-stationary one: its tag does not, as `missesResult` says (facts 7.3).
  @Test(arguments: shapes, 0..<8) func tagsMeetTheirRows(
    shape: (rows: Int, tile: Int, latency: Int, delay: Int), seed: Int
  ) throws {
    var timing = MeshTiming(
      meshRows: shape.rows, meshColumns: shape.rows, tileRows: shape.tile, tileColumns: shape.tile,
      tileLatency: shape.latency, outputDelay: shape.delay)
    let dim = shape.rows * shape.tile
    var numbers = SeededNumbers(100 * shape.rows + seed)
    var taken: [MeshRequest] = []
    var rowsInside: [Int] = []
    var missing: Int?
    var met = 0
    for now in 0..<1000 {
      timing.begin(now)
      if timing.advancesRow { rowsInside.append(taken.count - 1) }
      if let response = timing.response(now) {
        let operation = rowsInside.removeFirst()
        let tag = response.tag.entry
        if tag >= 0, tag <= missing ?? tag {
          let isOwn = operation == tag + (taken[tag].isOutputStationary ? 2 : 1)
          #expect(isOwn == (tag != missing))
          met += 1
        }
      }
      var request: MeshRequest?
      if timing.canRequest {
        let isFlush = Int.random(in: 0..<4, using: &numbers) == 0
        let stays = taken.last?.isOutputStationary ?? false
        let next = MeshRequest(
          tag: isFlush
            ? .garbage
            : MeshTag(entry: taken.count, address: .garbage, isGarbage: false, rows: 0),
          rows: isFlush ? dim : Int.random(in: 1...dim, using: &numbers), flush: isFlush ? 1 : 0,
          isOutputStationary: Int.random(in: 0..<12, using: &numbers) == 0 ? !stays : stays)
        if missing == nil, !isFlush {
          let isBehind = stays && !next.isOutputStationary && taken.last?.flush == 0
          #expect(timing.missesResult(next) == isBehind)
          if isBehind { missing = taken.count }
        }
        request = next
      }
      _ = timing.advance(now, taking: timing.ready, takesRequest: request != nil)
      if let request {
        timing.take(request)
        taken.append(request)
      }
    }
    #expect(met > 0)
  }

  /// Sums that no flush pushed out, then weight-stationary work (facts 7.3): number 4 is that of the
  /// rows that both wait for, and comes once. The second tag goes with it the next time, five
  /// operations later, which without flushes never come: its queue is full before.
  @Test(arguments: [0, 1, 5]) func tagBehindLeftSums(flushes: Int) throws {
    let array = try WavefrontShape(meshRows: 4, meshColumns: 4)
    var registers = WavefrontMesh(shape: array)
    let zeros: [Int8] = [0, 0, 0, 0]
    var leaving: [(operation: Int, tag: Int)] = []
    var operation = 0
    func tick() {
      if let response = registers.tick(), response.isLast {
        operation += 1
        if let tag = response.tag { leaving.append((operation, tag)) }
      }
    }
    /// Tags of the four operations; the second weight-stationary one makes the result of the first.
    for (tag, dataflow) in [
      (nil, ArrayDataflow.outputStationary), (nil, .outputStationary), (3, .weightStationary),
      (nil, .weightStationary),
    ] {
      while !registers.acceptsRequest { tick() }
      let isTaken = registers.offer(WavefrontRequest(tag: tag, rows: 4, dataflow: dataflow))
      #expect(isTaken)
      for _ in 0..<4 {
        while !(registers.acceptsA && registers.acceptsB && registers.acceptsD) { tick() }
        _ = registers.offerRows(a: zeros, b: zeros, d: zeros)
        tick()
      }
    }
    for _ in 0..<flushes {
      while !registers.acceptsRequest { tick() }
      var flush = WavefrontRequest(tag: nil, rows: 4, dataflow: .weightStationary)
      flush.flush = 1
      let isTaken = registers.offer(flush)
      #expect(isTaken)
      tick()
    }
    for _ in 0..<50 { tick() }
    #expect(operation == 4 + flushes)
    #expect(leaving.map(\.tag) == (flushes < 5 ? [] : [3]))
    #expect(leaving.map(\.operation) == (flushes < 5 ? [] : [9]))
  }
}
