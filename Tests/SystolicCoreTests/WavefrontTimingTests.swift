import Testing

@testable import SystolicCore

/// When rows leave the array, by the formulas of facts 7 and the timelines of its appendix A.
@Suite struct WavefrontTimingTests {
  static func zeros(_ size: Int) -> [Int8] { Array(repeating: 0, count: size) }

  /// Facts 7.2: 32 for the default, 64 for 32x32, 33 with an output delay of 2, 21 for 4x4 with
  /// tile latency 2 and no output delay.
  @Test(arguments: [(16, 0, 1, 32), (32, 0, 1, 64), (16, 0, 2, 33), (4, 2, 0, 21)])
  func latencyOfNamedConfigurations(size: Int, latency: Int, delay: Int, expected: Int) throws {
    let shape = try WavefrontShape(
      meshRows: size, meshColumns: size, tileLatency: latency, outputDelay: delay)
    #expect(try Self.rowLatencies(shape, dataflow: .weightStationary, seed: 1) == [expected])
  }

  /// Every row that advances at u is answered at u + L(rows + columns - 1) + delay, however
  /// irregularly operands and requests arrive.
  @Test(arguments: [(1, 1), (2, 2), (4, 4), (2, 4), (4, 1)], 0...2)
  func latencyFormula(tile: (rows: Int, columns: Int), latency: Int) throws {
    for delay in 0...3 {
      let shape = try WavefrontShape(
        meshRows: 4 / tile.rows, meshColumns: 4 / tile.columns, tileRows: tile.rows,
        tileColumns: tile.columns, tileLatency: latency, outputDelay: delay)
      let expected = (latency + 1) * (4 / tile.rows + 4 / tile.columns - 1) + delay
      for dataflow in [ArrayDataflow.weightStationary, .outputStationary] {
        let seen = try Self.rowLatencies(shape, dataflow: dataflow, seed: delay)
        #expect(seen == [expected], "\(shape) \(dataflow)")
      }
    }
  }

  @Test(arguments: 2...32) func latencyOfAllSizes(size: Int) throws {
    let shape = try WavefrontShape(meshRows: size, meshColumns: size)
    let seen = try Self.rowLatencies(shape, dataflow: .weightStationary, seed: size, operations: 1)
    #expect(seen == [2 * size])
  }

  /// Offers operations with random gaps on every port; returns the distinct row latencies.
  static func rowLatencies(
    _ shape: WavefrontShape, dataflow: ArrayDataflow, seed: Int, operations: Int = 3
  ) throws -> Set<Int> {
    var numbers = SeededNumbers(seed)
    var mesh = WavefrontMesh(shape: shape)
    var advanced: [Cycle] = []
    var latencies: Set<Int> = []
    var answered = 0
    let rows = (0..<operations).map { _ in Int.random(in: 1...shape.dim, using: &numbers) }
    let total = rows.reduce(0, +)
    var requested = 0
    var sent = (a: 0, b: 0, d: 0)
    let row = zeros(shape.dim)
    while answered < total {
      try #require(mesh.cycle < 10_000, "rows are lost")
      if requested < operations, Int.random(in: 0..<3, using: &numbers) == 0,
        mesh.offer(WavefrontRequest(tag: nil, rows: rows[requested], dataflow: dataflow))
      {
        requested += 1
      }
      // Between operations a port would take a second row and lose the first.
      let room = advanced.count + (mesh.rowAdvances ? 1 : 0)
      if sent.a < total, sent.a == room, Bool.random(using: &numbers), mesh.offerA(row) {
        sent.a += 1
      }
      if sent.b < total, sent.b == room, Bool.random(using: &numbers), mesh.offerB(row) {
        sent.b += 1
      }
      if sent.d < total, sent.d == room, Bool.random(using: &numbers), mesh.offerD(row) {
        sent.d += 1
      }
      if mesh.rowAdvances { advanced.append(mesh.cycle) }
      let now = mesh.cycle
      if mesh.tick() != nil {
        latencies.insert(now - advanced[answered])
        answered += 1
      }
    }
    return latencies
  }

  static func tile(_ size: Int) throws -> TileMatrix {
    try TileMatrix(rows: size, columns: size, elements: Array(repeating: 1, count: size * size))
  }

  /// Appendix A1: requests at T+2 and T+18, result rows T+51...T+66 (the driver starts at T+2).
  @Test func weightStationaryPair() throws {
    var driver = try Self.driver(.weightStationary)
    try driver.run([try Self.fullPair()])
    driver.drain()
    #expect(driver.requestCycles == [0, 16])
    #expect(driver.results[0].firstRow == 51 - 2)
    #expect(driver.results[0].lastRow == 66 - 2)
  }

  /// Appendix A6, x = T+32: flushes taken at x+2 and x+20, then free at x+37.
  @Test func flushBehindWeightStationaryWork() throws {
    var driver = try Self.driver(.weightStationary)
    try driver.run([try Self.fullPair()])
    driver.drain(flushing: true)
    #expect(driver.requestCycles == [0, 16, 32 + 2 - 2, 32 + 20 - 2])
    #expect(driver.mesh.cycle == 32 + 37 - 2)
  }

  /// Appendix A7: flushes taken at T+34, T+52 and T+70, rows out at T+67...T+82, free at T+87.
  @Test func outputStationaryPair() throws {
    var driver = try Self.driver(.outputStationary)
    try driver.run([try Self.fullPair()])
    driver.drain()
    #expect(driver.requestCycles == [0, 16, 34 - 2, 52 - 2, 70 - 2])
    #expect(driver.results[0].firstRow == 67 - 2)
    #expect(driver.results[0].lastRow == 82 - 2)
    #expect(driver.mesh.cycle == 87 - 2)
  }

  /// Facts 7.6: streams of full tiles take 16 cycles each.
  @Test(arguments: [ArrayDataflow.weightStationary, .outputStationary])
  func streamOfFullTiles(dataflow: ArrayDataflow) throws {
    var driver = try Self.driver(dataflow)
    try driver.run(try (0..<8).map { _ in try Self.fullPair() })
    driver.drain()
    #expect(driver.requestCycles.prefix(9) == [0, 16, 32, 48, 64, 80, 96, 112, 128])
    let starts = driver.results.map(\.firstRow)
    #expect(zip(starts.dropFirst(), starts).allSatisfy { $0 - $1 == 16 })
  }

  static func driver(_ dataflow: ArrayDataflow) throws -> WavefrontDriver {
    try WavefrontDriver(
      shape: WavefrontShape(meshRows: 16, meshColumns: 16), mode: .init(dataflow: dataflow))
  }

  static func fullPair() throws -> TilePair {
    TilePair(
      preloaded: try tile(16), a: try tile(16), b: try tile(16),
      result: ResultSize(rows: 16, columns: 16))
  }

  /// Facts 7.3: a tag lives until the last row of the next operation, so that operations of R rows
  /// take max(R, (R + Lat + 1) / M) cycles each (appendix A5 for the default array).
  @Test(arguments: [(16, 16), (16, 8), (16, 6), (16, 4), (8, 4), (8, 2), (32, 4)], 0...1)
  func tagQueueThrottle(shape: (size: Int, rows: Int), latency: Int) throws {
    let array = try WavefrontShape(
      meshRows: shape.size, meshColumns: shape.size, tileLatency: latency)
    var mesh = WavefrontMesh(shape: array)
    let row = Self.zeros(shape.size)
    var taken: [Cycle] = []
    var fullest = 0
    while taken.count < 40 {
      let ready = mesh.acceptsA && mesh.acceptsB && mesh.acceptsD
      if ready,
        mesh.offer(
          WavefrontRequest(tag: taken.count, rows: shape.rows, dataflow: .weightStationary))
      {
        taken.append(mesh.cycle)
      }
      if ready {
        _ = mesh.offerA(row)
        _ = mesh.offerB(row)
        _ = mesh.offerD(row)
      }
      fullest = max(fullest, mesh.tagQueueCount)
      if mesh.tagQueueCount == array.simultaneousMatmuls + 1 { #expect(!mesh.acceptsRequest) }
      _ = mesh.tick()
    }
    let life = shape.rows + array.rowLatency + 1
    let count = array.simultaneousMatmuls
    for index in 20..<40 - count {
      #expect(taken[index + count] - taken[index] == max(shape.rows * count, life))
    }
    #expect(fullest <= count + 1)
    if life > shape.rows * count { #expect(fullest == count + 1) }
  }
}
