import Testing

@testable import SystolicCore

/// The wrapper's ports (facts 7.2) and what stands in the array in each cycle (facts 7.4).
@Suite struct WavefrontMeshTests {
  private func mesh(_ size: Int = 4) throws -> WavefrontMesh {
    WavefrontMesh(shape: try WavefrontShape(meshRows: size, meshColumns: size))
  }

  @Test func rowsWaitForEachOtherAndForARequest() throws {
    var mesh = try mesh()
    let row: [Int8] = [1, 2, 3, 4]
    #expect(mesh.acceptsA && mesh.acceptsRequest && !mesh.rowAdvances)
    let isTaken = mesh.offer(WavefrontRequest(tag: 7, rows: 2, dataflow: .weightStationary))
    #expect(isTaken)
    let taken1 = mesh.offerRows(a: row, b: row)
    #expect(taken1 == 2)
    let response8 = mesh.tick()
    #expect(response8 == nil)
    // Port d is missing: nothing advances, a and b are full, no second request.
    #expect(!mesh.rowAdvances && !mesh.acceptsRequest)
    let taken2 = mesh.offerRows(a: row, b: row)
    #expect(taken2 == 0)
    let taken3 = mesh.offerRows(d: row)
    #expect(taken3 == 1)
    let response9 = mesh.tick()
    #expect(response9 == nil)
    // The row advances, and every port takes the next one in the same cycle.
    #expect(mesh.rowAdvances && !mesh.acceptsRequest)
    let taken4 = mesh.offerRows(a: row, b: row, d: row)
    #expect(taken4 == 3)
    let response10 = mesh.tick()
    #expect(response10 == nil)
    // The last row advances: the next request is taken without a gap.
    #expect(mesh.rowAdvances && mesh.acceptsRequest)
    #expect(mesh.tagsInProgress == [7])
  }

  /// Between operations a port is ready even if it holds a row, which is then lost.
  @Test func idlePortsTakeASecondRow() throws {
    var mesh = try mesh(2)
    for value: Int8 in [1, 2] {
      let taken5 = mesh.offerRows(a: [value, value])
      #expect(taken5 == 1)
      let response11 = mesh.tick()
      #expect(response11 == nil)
    }
    let isTaken = mesh.offer(WavefrontRequest(tag: nil, rows: 1, dataflow: .weightStationary))
    #expect(isTaken)
    let taken6 = mesh.offerRows(b: [0, 0], d: [0, 0])
    #expect(taken6 == 2)
    _ = mesh.tick()
    #expect(mesh.rowAdvances)
    let frame = mesh.tickRecording()
    #expect(frame.left[0] == 2)
  }

  @Test func flushPushesRowsWithoutOperands() throws {
    var mesh = try mesh()
    var flush = WavefrontRequest(tag: 3, rows: 4, dataflow: .outputStationary)
    flush.flush = 2
    let isTaken = mesh.offer(flush)
    #expect(isTaken)
    var advancing: [Cycle] = []
    var responses: [WavefrontResponse] = []
    while mesh.cycle < 30 {
      if mesh.rowAdvances { advancing.append(mesh.cycle) }
      if let response = mesh.tick() { responses.append(response) }
    }
    // Two passes of four rows; a flush has no tag.
    #expect(advancing == Array(1...8))
    #expect(responses.map(\.tag) == Array(repeating: nil, count: 8))
    #expect(responses.map(\.isLast) == [false, false, false, true, false, false, false, true])
  }

  /// Facts 7.3: the tag of request n labels the rows of n+1 (weight-stationary) or n+2.
  @Test(arguments: [ArrayDataflow.weightStationary, .outputStationary])
  func tagsOfLaterOperations(dataflow: ArrayDataflow) throws {
    var mesh = try mesh()
    let rows = [2, 4, 1, 3, 2, 4, 1, 2]
    var tags: [Int?] = []
    var counts: [Int] = []
    for operation in rows.indices {
      for row in 0..<rows[operation] {
        while !(mesh.acceptsA && mesh.acceptsB && mesh.acceptsD && (row > 0 || mesh.acceptsRequest))
        {
          if let response = mesh.tick(), response.isLast {
            tags.append(response.tag)
            counts.append(response.rows)
          }
        }
        if row == 0 {
          let isTaken = mesh.offer(
            WavefrontRequest(tag: operation, rows: rows[operation], dataflow: dataflow))
          #expect(isTaken)
        }
        let zeros: [Int8] = [0, 0, 0, 0]
        let taken7 = mesh.offerRows(a: zeros, b: zeros, d: zeros)
        #expect(taken7 == 3)
        if let response = mesh.tick(), response.isLast {
          tags.append(response.tag)
          counts.append(response.rows)
        }
      }
    }
    for _ in 0..<20 {
      if let response = mesh.tick(), response.isLast {
        tags.append(response.tag)
        counts.append(response.rows)
      }
    }
    #expect(counts == rows)
    let late = dataflow == .weightStationary ? 1 : 2
    #expect(tags == rows.indices.map { $0 < late ? nil : $0 - late })
  }

  /// M: facts 7.2.
  @Test(arguments: [(0, 5), (1, 10), (2, 15)]) func numberedOperations(latency: Int, count: Int)
    throws
  {
    let shape = try WavefrontShape(meshRows: 4, meshColumns: 4, tileLatency: latency)
    #expect(shape.simultaneousMatmuls == count)
    let tiled = try WavefrontShape(meshRows: 4, meshColumns: 4, tileRows: 4, tileColumns: 4)
    #expect(tiled.simultaneousMatmuls == 5)
  }

  /// Row i of A meets B[r][c] in element (r, c) i + r + c + 1 cycles after the first row advanced,
  /// with the partial sum of the elements above.
  @Test(arguments: 2...6) func weightStationaryWavefront(size: Int) throws {
    var numbers = SeededNumbers(size)
    let weights = try TileMatrix.random(size, size, using: &numbers)
    let a = try TileMatrix.random(size, size, using: &numbers)
    let bias = try TileMatrix.random(size, size, using: &numbers)
    var driver = try WavefrontDriver(
      shape: WavefrontShape(meshRows: size, meshColumns: size),
      mode: .init(dataflow: .weightStationary), recordsFrames: true)
    try driver.run([
      TilePair(
        preloaded: weights, a: a, b: bias, result: ResultSize(rows: size, columns: size))
    ])
    driver.drain()
    let first = driver.requestCycles[1] + 1
    for i in 0..<size {
      for r in 0..<size {
        for c in 0..<size {
          let cell = driver.frames[first + i + r + c + 1].cells[r][c]
          let sum = (0..<r).reduce(Int32(bias[i, c])) {
            $0 + Int32(a[i, $1]) * Int32(weights[$1, c])
          }
          #expect(cell.above.isValid)
          #expect(cell.a == a[i, r])
          #expect(cell.above.b == sum)
          #expect((cell.above.propagate ? cell.element.c2 : cell.element.c1) == weights[r, c])
        }
      }
    }
  }

  /// Step k of element (r, c): A[r][k] meets B[k][c], and the sum holds the steps before.
  @Test(arguments: 2...6) func outputStationaryWavefront(size: Int) throws {
    var numbers = SeededNumbers(size)
    let a = try TileMatrix.random(size, size, using: &numbers)
    let b = try TileMatrix.random(size, size, using: &numbers)
    let bias = try TileMatrix.random(size, size, using: &numbers)
    var driver = try WavefrontDriver(
      shape: WavefrontShape(meshRows: size, meshColumns: size),
      mode: .init(dataflow: .outputStationary), recordsFrames: true)
    try driver.run([
      TilePair(preloaded: bias, a: a, b: b, result: ResultSize(rows: size, columns: size))
    ])
    driver.drain()
    let first = driver.requestCycles[1] + 1
    for k in 0..<size {
      for r in 0..<size {
        for c in 0..<size {
          let cell = driver.frames[first + k + r + c + 1].cells[r][c]
          let sum = (0..<k).reduce(Int32(bias[r, c])) { $0 + Int32(a[r, $1]) * Int32(b[$1, c]) }
          #expect(cell.above.isValid)
          #expect(cell.a == a[r, k])
          #expect(cell.above.b == Int32(b[k, c]))
          #expect((cell.above.propagate ? cell.element.c2 : cell.element.c1) == sum)
        }
      }
    }
  }
}
