import Testing

@testable import SystolicCore

/// Tiles through the array of processing elements against plain sums.
@Suite struct WavefrontValueTests {
  static let sizes = Array(2...32)

  static func mode(
    _ dataflow: ArrayDataflow, a: Bool = false, b: Bool = false, shift: Int = 0
  ) -> WavefrontDriver.Mode {
    var mode = WavefrontDriver.Mode(dataflow: dataflow)
    mode.transposesA = a
    mode.transposesB = b
    mode.shift = shift
    return mode
  }

  /// Weight-stationary: plain, A transposed, weights transposed.
  static let weightModes = [
    mode(.weightStationary), mode(.weightStationary, a: true), mode(.weightStationary, b: true),
  ]
  /// Output-stationary: plain, A transposed (needs no transposer), both transposed.
  static let outputModes = [
    mode(.outputStationary, shift: 3), mode(.outputStationary, a: true),
    mode(.outputStationary, a: true, b: true, shift: 7),
  ]

  @Test(arguments: sizes) func weightStationarySizes(size: Int) throws {
    let mode = Self.weightModes[size % 3]
    let shape = try WavefrontShape(meshRows: size, meshColumns: size)
    var tiles = RandomTiles(shape: shape, seed: size)
    try tiles.addWeightStationary(mode: mode, reuse: mode.transposesB ? 0 : 1)
    try tiles.addWeightStationary(mode: mode, reuse: 0)
    #expect(try tiles.holds(mode: mode))
  }

  @Test(arguments: sizes) func outputStationarySizes(size: Int) throws {
    let mode = Self.outputModes[size % 3]
    let shape = try WavefrontShape(meshRows: size, meshColumns: size)
    var tiles = RandomTiles(shape: shape, seed: 100 + size)
    try tiles.addOutputStationary(mode: mode, length: 2)
    try tiles.addOutputStationary(mode: mode, length: 1)
    #expect(try tiles.holds(mode: mode))
  }

  /// Every mode, long streams, every width of partial sums at which something wraps.
  @Test(arguments: [2, 3, 4, 5, 8], [10, 14, 20, 32])
  func streams(size: Int, bits: Int) throws {
    let shape = try WavefrontShape(meshRows: size, meshColumns: size, outputBits: bits)
    for (index, mode) in (Self.weightModes + Self.outputModes).enumerated() {
      var tiles = RandomTiles(shape: shape, seed: size * 1000 + bits * 10 + index)
      for item in 0..<4 {
        if mode.dataflow == .weightStationary {
          try tiles.addWeightStationary(mode: mode, reuse: mode.transposesB ? 0 : item % 3)
        } else {
          try tiles.addOutputStationary(mode: mode, length: 1 + item % 3)
        }
      }
      #expect(try tiles.holds(mode: mode), "\(mode)")
    }
  }

  /// Tiles of every shape, square arrays of them; a result does not depend on the registers.
  @Test(arguments: [(1, 1), (2, 2), (4, 4), (8, 8), (2, 4), (8, 1), (1, 8), (4, 2)])
  func tileShapes(rows: Int, columns: Int) throws {
    for latency in 0...2 {
      for delay in 0...3 {
        let shape = try WavefrontShape(
          meshRows: 8 / rows, meshColumns: 8 / columns, tileRows: rows, tileColumns: columns,
          tileLatency: latency, outputDelay: delay)
        for mode in [Self.weightModes[(latency + delay) % 3], Self.outputModes[delay % 3]] {
          var tiles = RandomTiles(shape: shape, seed: rows * 100 + latency * 10 + delay)
          if mode.dataflow == .weightStationary {
            try tiles.addWeightStationary(mode: mode, reuse: 0)
            try tiles.addWeightStationary(mode: mode, reuse: 0)
          } else {
            try tiles.addOutputStationary(mode: mode, length: 2)
          }
          #expect(try tiles.holds(mode: mode), "\(shape) \(mode)")
        }
      }
    }
  }

  /// A stream that stops and goes on: the next single preload pushes the old sums out.
  @Test(arguments: [ArrayDataflow.weightStationary, .outputStationary])
  func bursts(dataflow: ArrayDataflow) throws {
    let mode = Self.mode(dataflow)
    let shape = try WavefrontShape(meshRows: 5, meshColumns: 5)
    var driver = try WavefrontDriver(shape: shape, mode: mode)
    var expected: [[[Int32]]] = []
    for burst in 0..<6 {
      var tiles = RandomTiles(shape: shape, seed: burst)
      for _ in 0...burst % 3 {
        if dataflow == .weightStationary {
          try tiles.addWeightStationary(mode: mode, reuse: 1)
        } else {
          try tiles.addOutputStationary(mode: mode, length: 2)
        }
      }
      try driver.run(tiles.pairs)
      if burst % 2 == 1 { driver.drain() }
      expected += tiles.expected
    }
    #expect(driver.results.map(\.rows) == expected)
  }

  /// Facts C4: output-stationary sums wrap at 20 bits over a whole chain.
  @Test func outputStationaryWrap() throws {
    let shape = try WavefrontShape(meshRows: 8, meshColumns: 8)
    let extreme = try TileMatrix(rows: 8, columns: 8, elements: Array(repeating: -128, count: 64))
    var driver = try WavefrontDriver(shape: shape, mode: Self.mode(.outputStationary))
    try driver.run(
      (0..<5).map {
        TilePair(
          preloaded: nil, a: extreme, b: extreme, flips: $0 == 0,
          result: $0 == 4 ? ResultSize(rows: 8, columns: 8) : nil)
      })
    driver.drain()
    #expect(
      driver.results[0].rows == Array(repeating: Array(repeating: -393216, count: 8), count: 8))
  }

  /// Facts 4.2: in an array of 32 the one extreme weight-stationary sum wraps.
  @Test func weightStationaryWrap() throws {
    let shape = try WavefrontShape(meshRows: 32, meshColumns: 32)
    let a = try TileMatrix(rows: 1, columns: 32, elements: Array(repeating: -128, count: 32))
    let weights = try TileMatrix(
      rows: 32, columns: 1, elements: Array(repeating: -128, count: 32))
    var driver = try WavefrontDriver(shape: shape, mode: Self.mode(.weightStationary))
    try driver.run([
      TilePair(preloaded: weights, a: a, b: nil, result: ResultSize(rows: 1, columns: 1))
    ])
    driver.drain()
    #expect(driver.results[0].rows == [[-524288]])
  }

  /// Facts C1.
  @Test(arguments: [
    (5, 1, 2), (7, 1, 4), (-5, 1, -2), (-7, 1, -4), (6, 2, 2), (10, 2, 2), (-6, 2, -2),
    (-10, 2, -2), (11, 2, 3), (-1, 1, 0), (-3, 1, -2),
  ])
  func roundingShift(value: Int32, shift: Int, expected: Int32) {
    #expect(ProcessingElement.roundingShift(value, by: shift) == expected)
  }

  @Test func impossibleOperands() throws {
    #expect(throws: WavefrontError.self) { try WavefrontShape(meshRows: 0, meshColumns: 4) }
    #expect(throws: WavefrontError.self) { try WavefrontShape(meshRows: 4, meshColumns: 8) }
    #expect(throws: WavefrontError.self) {
      try WavefrontShape(meshRows: 4, meshColumns: 4, outputBits: 33)
    }
    let shape = try WavefrontShape(meshRows: 4, meshColumns: 4)
    #expect(throws: WavefrontError.self) {
      try WavefrontDriver(shape: shape, mode: Self.mode(.weightStationary, a: true, b: true))
    }
    #expect(throws: WavefrontError.self) {
      try WavefrontDriver(shape: shape, mode: Self.mode(.outputStationary, b: true))
    }
    var driver = try WavefrontDriver(shape: shape, mode: Self.mode(.weightStationary))
    let large = try TileMatrix(rows: 5, columns: 1, elements: Array(repeating: 1, count: 5))
    #expect(throws: WavefrontError.self) {
      try driver.run([TilePair(preloaded: large, a: nil, b: nil, result: nil)])
    }
  }
}
