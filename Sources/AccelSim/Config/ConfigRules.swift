/// A rule that ties several properties together.
struct ConfigRule: Sendable {
  /// What must hold, completing "expected …".
  let statement: String
  /// The properties it speaks of; it is judged only if each of them is acceptable by itself.
  let keys: [String]
  /// What was found, or `nil` if the rule holds. Sees only values inside their ranges.
  let violation: @Sendable (HardwareConfig) -> String?
}

extension HardwareConfig {
  /// Everything that makes this machine impossible or unsupported; empty if it can be simulated.
  ///
  /// The ranges of single properties come first, then the rules between them (facts 1.1, 1.2, and
  /// the generator's own requirements).
  public func problems() -> [ConfigProblem] {
    let problems = Self.keys.compactMap { $0.problem(in: self) }
    return problems + ruleProblems(except: Set(problems.map(\.path))).map(\.problem)
  }

  /// The broken rules, leaving out those that touch a property in `unusable`.
  func ruleProblems(
    except unusable: Set<String>
  ) -> [(problem: ConfigProblem, rule: ConfigRule)] {
    Self.rules.compactMap { rule in
      guard unusable.isDisjoint(with: rule.keys), let found = rule.violation(self) else {
        return nil
      }
      return (
        ConfigProblem(path: rule.keys[0], found: found, expected: rule.statement), rule
      )
    }
  }

  /// Rows and columns of the array, or `nil` if there is no such number.
  var dim: Int? {
    let rows = array.meshRows * array.tileRows
    let columns = array.meshColumns * array.tileColumns
    let isPossible = rows == columns && (4...256).contains(rows) && rows.nonzeroBitCount == 1
    return isPossible ? rows : nil
  }

  /// Rows of the scratchpad, or `nil` if its banks are impossible.
  private var scratchpadRows: Int? {
    dim.flatMap {
      Self.rows(scratchpad.capacityKiB, banks: scratchpad.banks, rowBytes: $0, dim: $0)
    }
  }

  /// Rows of the accumulator, or `nil` if its banks are impossible.
  private var accumulatorRows: Int? {
    dim.flatMap {
      Self.rows(accumulator.capacityKiB, banks: accumulator.banks, rowBytes: $0 * 4, dim: $0)
    }
  }

  private static func rows(_ kiB: Int, banks: Int, rowBytes: Int, dim: Int) -> Int? {
    let bytes = kiB * 1024
    guard bytes.isMultiple(of: banks * rowBytes) else { return nil }
    let bankRows = bytes / (banks * rowBytes)
    return bankRows >= dim && bankRows.nonzeroBitCount == 1 ? bankRows * banks : nil
  }

  static let meshKeys = [
    "array.meshRows", "array.meshColumns", "array.tileRows", "array.tileColumns",
  ]

  /// Every rule, in the order in which they are reported.
  static let rules: [ConfigRule] =
    arrayRules + memoryRules + dmaRules + unitRules + nonlinearRules + placementRules
    + cacheRules

  private static let arrayRules = [
    ConfigRule(
      statement: "as many rows as columns: meshRows × tileRows = meshColumns × tileColumns",
      keys: meshKeys
    ) {
      let rows = $0.array.meshRows * $0.array.tileRows
      let columns = $0.array.meshColumns * $0.array.tileColumns
      return rows == columns ? nil : "\(rows) rows and \(columns) columns"
    },
    ConfigRule(
      statement:
        "a power of two from 4 to 256 for DIM = meshRows × tileRows: an operation has 4 rows or more",
      keys: ["array.meshRows", "array.tileRows"]
    ) {
      let rows = $0.array.meshRows * $0.array.tileRows
      return (4...256).contains(rows) && rows.nonzeroBitCount == 1 ? nil : "\(rows)"
    },
    ConfigRule(
      statement: "a single dataflow (not \"both\") when hardcodeBiasToZero is true",
      keys: ["features.hardcodeBiasToZero", "array.dataflow"]
    ) {
      $0.features.hardcodeBiasToZero && $0.array.dataflow == .both ? "\"both\"" : nil
    },
  ]

  private static let memoryRules = [
    ConfigRule(
      statement: "at most 64 reservation-station entries in all: dependencies are a word of bits",
      keys: [
        "reservationStation.loadEntries", "reservationStation.executeEntries",
        "reservationStation.storeEntries", "reservationStation.nonlinearEntries",
      ]
    ) {
      let sizes = $0.reservationStation
      let count =
        sizes.loadEntries + sizes.executeEntries + sizes.storeEntries
        + ($0.features.nonlinearUnit ? sizes.nonlinearEntries : 0)
      return count <= 64 ? nil : "\(count)"
    },
    ConfigRule(
      statement: "0, a number that divides DIM into at most 64 lanes a unit, or more than DIM",
      keys: ["moveIn.scaleUnits"] + meshKeys
    ) {
      guard let dim = $0.dim, $0.moveIn.scaleUnits > 0 else { return nil }
      let units = $0.moveIn.scaleUnits
      let fits = units > dim || dim % units == 0 && dim / units <= 64
      return fits ? nil : "\(units) units for \(dim) lanes"
    },
    ConfigRule(
      statement: "a power of two, at least DIM, for the rows of a scratchpad bank: "
        + "capacityKiB × 1024 / (banks × DIM)",
      keys: ["scratchpad.capacityKiB", "scratchpad.banks"] + meshKeys
    ) {
      guard let dim = $0.dim, $0.scratchpadRows == nil else { return nil }
      return quotient($0.scratchpad.capacityKiB * 1024, $0.scratchpad.banks * dim)
    },
    ConfigRule(
      statement: "a power of two, at least DIM, for the rows of an accumulator bank: "
        + "capacityKiB × 1024 / (banks × DIM × 4)",
      keys: ["accumulator.capacityKiB", "accumulator.banks"] + meshKeys
    ) {
      guard let dim = $0.dim, $0.accumulatorRows == nil else { return nil }
      return quotient($0.accumulator.capacityKiB * 1024, $0.accumulator.banks * dim * 4)
    },
    ConfigRule(
      statement: "at most 2^25 rows, so that row numbers fit beside 6 flag bits in a local address",
      keys: ["scratchpad.capacityKiB", "scratchpad.banks"] + meshKeys
    ) { ($0.scratchpadRows ?? 0) <= 1 << 25 ? nil : "\($0.scratchpadRows ?? 0) scratchpad rows" },
    ConfigRule(
      statement: "1 when singlePorted is false",
      keys: ["accumulator.subBanks", "accumulator.singlePorted"]
    ) {
      $0.accumulator.singlePorted || $0.accumulator.subBanks == 1
        ? nil : "\($0.accumulator.subBanks)"
    },
    ConfigRule(
      statement: "2 or 4 when singlePorted is true: one sub-bank cannot take a result row a cycle",
      keys: ["accumulator.subBanks", "accumulator.singlePorted"]
    ) { $0.accumulator.singlePorted && $0.accumulator.subBanks == 1 ? "1" : nil },
    ConfigRule(
      statement: "readsFullWidth or readsSmallWidth, or else nothing can leave the accumulator",
      keys: ["accumulator.readsFullWidth", "accumulator.readsSmallWidth"]
    ) { $0.accumulator.readsFullWidth || $0.accumulator.readsSmallWidth ? nil : "neither" },
    ConfigRule(
      statement: "executeReadsScratchpad or executeReadsAccumulator",
      keys: ["features.executeReadsScratchpad", "features.executeReadsAccumulator"]
    ) {
      $0.features.executeReadsScratchpad || $0.features.executeReadsAccumulator ? nil : "neither"
    },
    ConfigRule(
      statement: "executeWritesAccumulator or executeWritesScratchpad",
      keys: ["features.executeWritesAccumulator", "features.executeWritesScratchpad"]
    ) {
      $0.features.executeWritesScratchpad || $0.features.executeWritesAccumulator
        ? nil : "neither"
    },
  ]

  private static let dmaRules = [
    ConfigRule(
      statement: "at least one beat of the bus (busBits / 8) in maxBytes",
      keys: ["dma.maxBytes", "dma.busBits"]
    ) {
      $0.dma.maxBytes * 8 >= $0.dma.busBits
        ? nil : "\($0.dma.maxBytes) bytes and beats of \($0.dma.busBits / 8)"
    },
    ConfigRule(
      statement: "1: writes in larger units than a byte are not modelled", keys: ["dma.alignedTo"]
    ) { $0.dma.alignedTo == 1 ? nil : "\($0.dma.alignedTo)" },
  ]

  private static let unitRules = [
    ConfigRule(
      statement: "at most 3 × DIM multipliers, the elements of the scaler's ring",
      keys: ["moveIn.scaleUnits"] + meshKeys
    ) {
      guard let dim = $0.dim else { return nil }
      return $0.moveIn.scaleUnits <= 3 * dim ? nil : "\($0.moveIn.scaleUnits)"
    },
    ConfigRule(
      statement: "0, or with normalizations 4 to 4 + 3 × DIM: 4 multipliers can normalise, each "
        + "of the others serves at least an element of the scaler's ring",
      keys: ["moveOut.scaleUnits", "features.normalizations"] + meshKeys
    ) {
      guard let dim = $0.dim else { return nil }
      let units = $0.moveOut.scaleUnits
      let isPossible =
        units == 0 || $0.features.normalizations && units >= 4 && units <= 4 + 3 * dim
      return isPossible
        ? nil : "\(units)\($0.features.normalizations ? "" : " without normalizations")"
    },
  ]

  /// The rows of a bank, or what else divides memory, as a fraction if there is no whole number.
  static func quotient(_ bytes: Int, _ partBytes: Int, _ parts: String = "rows") -> String {
    bytes.isMultiple(of: partBytes)
      ? "\(bytes / partBytes) \(parts)" : "\(bytes) / \(partBytes) \(parts), which is not whole"
  }
}
