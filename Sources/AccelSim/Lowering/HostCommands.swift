/// The library's primitive wrappers (facts 11.7): operands as C code packs them (facts 3).
enum HostCommands {
  static func flush() -> Command { Command(.flush, 0, 0) }

  static func configExecute(
    outputStationary: Bool, activation: Int, transposesA: Bool, transposesB: Bool,
    scale: Float = 1, strideA: Int = 1, strideC: Int = 1
  ) -> Command {
    let rs1 =
      bits(scale) << 32 | UInt64(strideA) << 16 | flag(transposesB, 9) | flag(transposesA, 8)
      | UInt64(activation & 3) << 3 | flag(!outputStationary, 2)
    return Command(.config, rs1, UInt64(strideC) << 48)
  }

  /// `config_ex` of an operator that gives the array no work: the dataflow that the library names, or
  /// the machine's if it has the other one only.
  static func configIdleArray(library: Dataflow, on machine: Machine) -> Command {
    let dataflow = machine.config.array.dataflow
    let chosen = dataflow == .both ? library : dataflow
    return configExecute(
      outputStationary: chosen == .outputStationary, activation: 0, transposesA: false,
      transposesB: false)
  }

  static func configStore(stride: Int, activation: Int, scale: Float) -> Command {
    Command(
      .config, UInt64(activation & 3) << 2 | 2,
      bits(scale) << 32 | UInt64(UInt32(truncatingIfNeeded: stride)))
  }

  static func configLoad(
    state: Int, stride: Int, scale: Float, shrinks: Bool, blockStride: Int
  ) -> Command {
    let rs1 =
      bits(scale) << 32 | UInt64(blockStride) << 16 | 1 << 8 | UInt64(state) << 3
      | flag(shrinks, 2) | 1
    return Command(.config, rs1, UInt64(stride))
  }

  static func configNorm(
    constant: Int32, isInverse: Bool, activationHighBit: Bool, qb: Int32, qc: Int32
  ) -> Command {
    let rs1 = word(constant) << 32 | flag(isInverse, 18) | flag(activationHighBit, 16) | 3
    return Command(.config, rs1, word(qc) << 32 | word(qb))
  }

  /// `rows` and `columns` of a local address as every data command carries them (facts 3.2).
  static func operand(_ local: UInt32, rows: Int, columns: Int) -> UInt64 {
    UInt64(rows) << 48 | UInt64(columns) << 32 | UInt64(local)
  }

  private static func flag(_ value: Bool, _ bit: UInt64) -> UInt64 { value ? 1 << bit : 0 }
  private static func bits(_ scale: Float) -> UInt64 { UInt64(scale.bitPattern) }
  private static func word(_ value: Int32) -> UInt64 { UInt64(UInt32(bitPattern: value)) }
}

/// The constants of the integer GELU and softmax as software derives them (facts 4.11).
struct NormConstants: Equatable {
  var qb: Int32
  var qc: Int32
  /// Softmax only.
  var qln2: Int32 = 0
  /// Softmax only.
  var qln2Inverse: Int32 = 0

  /// `nil` where a constant does not fit 32 bits or divides by zero, or none is needed.
  init?(_ matmul: Matmul) { self.init(matmul.activation, inputScale: matmul.bertScale) }

  /// - Parameter scale: What a 1 of the activation's input stands for.
  init?(_ activation: MatmulActivation, inputScale scale: Float) {
    guard scale.isFinite, scale > 0 else { return nil }
    switch activation {
    case .igelu:
      let erfScale = Self.erfScale(inputScale: scale)
      let root: Float = 1.41421356237
      guard erfScale != 0, let qb = Self.truncate(-1.769 / Double(scale / root)),
        let qc = Self.truncate(1.0 / Double(erfScale))
      else { return nil }
      self.qb = qb
      self.qc = qc
    case .softmax:
      let a: Float = 0.3585
      let b: Float = 1.353
      let c: Float = 0.344
      guard let qln2 = Self.truncate(0.693147 / Double(scale)), qln2 != 0,
        let qb = Self.truncate(Double(b / scale)),
        let qc = Self.truncate(Double(c / (a * scale * scale)))
      else { return nil }
      self.qb = qb
      self.qc = qc
      self.qln2 = qln2
      qln2Inverse = 65536 / qln2
    case .none, .relu, .layernorm: return nil
    }
  }

  /// The scale of an activation's input as the constants can have it: that of the library's own
  /// tests, 0.05, where they do not fit 32 bits for `scale` (sums finer than about 1/300 for GELU).
  static func usableScale(_ activation: MatmulActivation, _ scale: Float) -> Float {
    NormConstants(activation, inputScale: scale) == nil ? 0.05 : scale
  }

  /// What a 1 of the error function inside the integer GELU stands for.
  static func erfScale(inputScale scale: Float) -> Float {
    Float(-0.2888 * Double(scale * scale / 2))
  }

  private static func truncate(_ value: Double) -> Int32? {
    value > -2_147_483_649 && value < 2_147_483_648 ? Int32(value) : nil
  }
}
