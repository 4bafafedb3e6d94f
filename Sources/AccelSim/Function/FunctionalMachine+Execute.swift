import SystolicCore

/// What the array holds between commands, and the registers of the execute controller.
///
/// Timing-free: which of the double-buffered registers a matrix sits in does not matter, only
/// which one a compute uses (facts 7.4).
struct ArrayContent: Sendable {
  /// A preload that waits for its compute.
  struct Pending: Sendable {
    var output: LocalAddress
    var outputRows: Int
    var outputColumns: Int
    var inputIsGarbage: Bool
  }

  /// Output-stationary sums of the last pair that no command takes out of the array.
  enum LeftSums: Sendable {
    /// None, or work of the other dataflow came behind them.
    case none
    /// The pair had no C, a pair before it had: if that result was still on its way when a config_ex came,
    /// the flush for it has pushed out all (facts 6.4).
    case perhaps
    /// No pair since the config_ex before had a C, so there was no flush.
    case certain
  }

  var isWeightStationary: Bool
  var shift = 0
  var activation = 0
  var transposesA = false
  var transposesB = false
  var strideA = 0
  var strideC = 0
  /// Weights, or the second operand of the compute at hand.
  var weights: PackedMatrix
  /// Weights that the next flip puts to use.
  var nextWeights: PackedMatrix
  /// Output-stationary sums.
  var sums: TileSums
  /// Output-stationary sums that the next flip starts from.
  var nextSums: TileSums
  /// Results of the compute at hand.
  var results: TileSums
  var left: PackedRows
  var pending: Pending?
  /// Whether a flip has happened in this dataflow, so that `weights` or `sums` mean something.
  var isFilled = true
  /// Rows certainly pushed through since the last flip, at most `dim` matters.
  var rowsSinceFlip = 0
  /// The pair executed last, unless a config_ex came after it.
  var last: ExecutedPair?
  /// Whether that pair has a C.
  var lastHasResult = false
  /// Pairs with C in the scratchpad whose results may still be on their way.
  var inScratchpad: [ExecutedPair] = []
  /// Pairs executed.
  var pairs = 0
  var leftSums = LeftSums.none
  /// Whether a pair has had a C since the last config_ex, which waits for all results.
  var hasHadResult = false

  init(_ machine: Machine) {
    let dim = machine.dim
    isWeightStationary = machine.config.array.dataflow == .weightStationary
    weights = PackedMatrix(dim: dim)
    nextWeights = PackedMatrix(dim: dim)
    sums = TileSums(dim: dim)
    nextSums = TileSums(dim: dim)
    results = TileSums(dim: dim)
    left = PackedRows(dim: dim)
  }
}

extension FunctionalMachine {
  /// config_ex (facts 3.3).
  mutating func configure(_ config: ConfigExecute) throws(Fault) {
    if array.pending != nil {
      throw Fault(.sequence, found: "config_ex", expected: "the compute of the last preload")
    }
    if let last = array.last, array.isWeightStationary, last.flips, last.pushed <= 4,
      array.lastHasResult, machine.config.scratchpad.readPipelineStages > 0
    {
      note(.flipBeforeConfig)
    }
    array.strideA = config.aStride
    array.strideC = config.cStride
    array.last = nil
    array.lastHasResult = false
    array.hasHadResult = false
    guard !config.setOnlyStrides else { return }
    let wasWeightStationary = array.isWeightStationary
    switch machine.config.array.dataflow {
    case .both: array.isWeightStationary = config.isWeightStationary
    case .weightStationary where !config.isWeightStationary:
      throw Fault(
        .unsupported, found: "output-stationary dataflow", expected: "weight-stationary")
    case .outputStationary where config.isWeightStationary:
      throw Fault(
        .unsupported, found: "weight-stationary dataflow", expected: "output-stationary")
    case .weightStationary, .outputStationary: break
    }
    if config.activation != 0 && !machine.config.features.nonlinearActivations {
      throw Fault(
        .unsupported, found: "activation \(config.activation)",
        expected: "0 without nonlinear activations")
    }
    if array.isWeightStationary != wasWeightStationary { array.isFilled = false }
    array.activation = config.activation
    array.shift = config.shift & 31
    array.transposesA = config.aTranspose
    array.transposesB = config.bTranspose
    let a = config.aTranspose
    let b = config.bTranspose
    guard array.isWeightStationary ? !(a && b) : a || !b else {
      throw Fault(
        .illegalOperand,
        found: array.isWeightStationary ? "A and B transposed" : "B transposed without A",
        expected: "one operand through the transposer (facts 3.3)")
    }
  }

  /// preload: reads the matrix and remembers where the next compute's result goes.
  mutating func preload(_ command: Preload) throws(Fault) {
    let dim = machine.dim
    if let pending = array.pending, !pending.output.isGarbage(machine.layout) {
      throw Fault(.sequence, found: "a second preload", expected: "the compute of the first")
    }
    if array.isWeightStationary { try requireNoLeftSums() }
    let input = command.input
    let isGarbage = input.isGarbage(machine.layout)
    try require("rows", command.inputRows, in: 0...dim)
    try require("columns", command.inputColumns, in: 0...dim)
    try require("rows of C", command.outputRows, in: 0...dim)
    try require("columns of C", command.outputColumns, in: 0...dim)
    let transposes = array.isWeightStationary && array.transposesB
    let rows = isGarbage ? 0 : command.inputRows
    let columns = isGarbage ? 0 : command.inputColumns
    let stored = transposes ? columns : rows
    let first = input.row(machine.layout)
    try requireOperand("preloaded matrix", input, first, rows: stored)
    if !carriesData {
      // Only checked.
    } else if array.isWeightStationary {
      if rows == 0 || columns == 0 {
        array.nextWeights.clear()
      } else {
        array.nextWeights.pack(
          scratchpad, from: first, rows: rows, columns: columns, transposed: transposes)
      }
    } else if rows == 0 || columns == 0 || machine.config.features.hardcodeBiasToZero {
      array.nextSums.clear()
    } else {
      array.nextSums.load(scratchpad, from: first, rows: rows, columns: columns)
    }
    array.pending = ArrayContent.Pending(
      output: command.output, outputRows: command.outputRows,
      outputColumns: command.outputColumns, inputIsGarbage: isGarbage)
  }

  /// Weight-stationary work begins: directly behind output-stationary sums it does not have its result
  /// (facts 7.3).
  private mutating func requireNoLeftSums() throws(Fault) {
    switch array.leftSums {
    case .none: break
    case .perhaps: note(.sumsLeftBehind)
    case .certain:
      throw Fault(
        .undefined,
        found: "weight-stationary work behind output-stationary sums that nothing took out of the "
          + "array: the hardware stands still",
        expected: "an address for C in the last preload before config_ex changed the dataflow "
          + "(facts 7.3)")
    }
    array.leftSums = .none
  }

  /// compute_preloaded and compute_accumulated (facts 3.2, 4.2 to 4.4).
  mutating func compute(_ command: Compute, flips: Bool) throws(Fault) {
    let dim = machine.dim
    guard let pending = array.pending else {
      throw Fault(.sequence, found: "a compute", expected: "a preload before it (facts 3.2)")
    }
    array.pending = nil
    try require("rows of A", command.aRows, in: 0...dim)
    try require("columns of A", command.aColumns, in: 0...dim)
    try require("rows of B", command.bRows, in: 0...dim)
    try require("columns of B", command.bColumns, in: 0...dim)
    try flip(flips, pending)
    let aIsGarbage = command.a.isGarbage(machine.layout)
    let aRows = aIsGarbage ? 0 : command.aRows
    let aColumns = aIsGarbage ? 0 : command.aColumns
    try packLeft(command.a, rows: aRows, columns: aColumns)
    let bIsGarbage = command.b.isGarbage(machine.layout)
    let bRows = bIsGarbage ? 0 : command.bRows
    let bColumns = bIsGarbage ? 0 : command.bColumns
    let firstB = command.b.row(machine.layout)
    let pushed: Int
    if array.isWeightStationary {
      pushed = max(aIsGarbage ? 1 : aRows, bIsGarbage ? 1 : bRows, 4)
      let hasBias =
        !machine.config.features.hardcodeBiasToZero && bRows != 0 && bColumns != 0
      if hasBias { try requireOperand("bias", command.b, firstB, rows: bRows) }
      if carriesData {
        if hasBias {
          array.results.load(scratchpad, from: firstB, rows: bRows, columns: bColumns)
        } else {
          array.results.clear()
        }
        array.results.multiplyAdd(array.left, array.weights, rows: aRows)
        let bits = machine.config.array.outputBits
        if dim << 14 + 128 >= 1 << (bits - 1) { array.results.wrap(rows: dim, bits: bits) }
      }
      usefulMACs += aRows * aColumns * pending.outputColumns
    } else {
      pushed = dim
      let stored = array.transposesB ? bColumns : bRows
      try requireOperand("matrix B", command.b, firstB, rows: stored)
      if carriesData {
        if bRows == 0 || bColumns == 0 {
          array.weights.clear()
        } else {
          array.weights.pack(
            scratchpad, from: firstB, rows: bRows, columns: bColumns,
            transposed: array.transposesB)
        }
        array.sums.multiplyAdd(array.left, array.weights, rows: aRows)
        if !followsSoftware { array.sums.wrap(rows: dim, bits: machine.config.array.outputBits) }
      }
      usefulMACs += aRows * aColumns * bColumns
    }
    array.rowsSinceFlip += pushed
    let hasResult = !pending.output.isGarbage(machine.layout)
    if hasResult { array.hasHadResult = true }
    if !array.isWeightStationary {
      array.leftSums = hasResult ? .none : array.hasHadResult ? .perhaps : .certain
    }
    try writeResult(pending, pushed, flips: flips)
  }

  /// Puts the preloaded matrix to use, or keeps the one in use.
  private mutating func flip(_ flips: Bool, _ pending: ArrayContent.Pending) throws(Fault) {
    guard flips else {
      if !array.isFilled {
        throw Fault(
          .undefined, found: "compute_accumulated as the first compute of this dataflow",
          expected: "compute_preloaded")
      }
      if !array.isWeightStationary && !followsSoftware && array.lastHasResult {
        throw Fault(
          .undefined, found: "more accumulation after the output-stationary result left",
          expected: "compute_preloaded after a preload with a C address (facts 7.3)")
      }
      return
    }
    if array.isWeightStationary {
      if pending.inputIsGarbage && array.rowsSinceFlip < machine.dim { note(.partialZeros) }
      if carriesData { swap(&array.weights, &array.nextWeights) }
    } else {
      if array.lastHasResult && pending.output.isGarbage(machine.layout) {
        note(.chainBehindResult)
      }
      if carriesData { swap(&array.sums, &array.nextSums) }
    }
    array.isFilled = true
    array.rowsSinceFlip = 0
  }

  private mutating func packLeft(
    _ address: LocalAddress, rows: Int, columns: Int
  ) throws(Fault) {
    guard rows > 0 && columns > 0 else {
      if carriesData { array.left.clear() }
      return
    }
    let stored = array.transposesA ? columns : rows
    let first = address.row(machine.layout)
    try requireOperand("matrix A", address, first, rows: (stored - 1) * array.strideA + 1)
    guard carriesData else { return }
    array.left.pack(
      scratchpad, from: first, rows: rows, columns: columns, stride: array.strideA,
      transposed: array.transposesA)
  }

  /// Operands of the array come from existing rows of the scratchpad: an accumulator row never
  /// arrives (facts 4.6).
  private mutating func requireOperand(
    _ name: String, _ address: LocalAddress, _ first: Int, rows: Int
  ) throws(Fault) {
    guard rows > 0 else { return }
    if address.isAccumulator {
      throw Fault(
        .unsupported, found: "\(name) in the accumulator", expected: "the scratchpad (facts 4.6)")
    }
    if !machine.config.features.executeReadsScratchpad {
      throw Fault(
        .unsupported, found: "\(name) in the scratchpad",
        expected: "a machine whose array reads it")
    }
    try requireRows(name, first, count: rows, of: address)
    noteRead(first, rows)
  }
}
