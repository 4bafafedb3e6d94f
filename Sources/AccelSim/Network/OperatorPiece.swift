import SystolicCore

/// A part of an operator that is lowered by itself.
public enum OperatorPiece: Sendable {
  /// A matrix product on the array (facts 11.3).
  case matmul(MatmulPlan)
  /// A convolution on the array (facts 11.4).
  case convolution(ConvPlan)
  /// A sum of two int8 tensors through the accumulator (facts 11.5, tiled_resadd_auto).
  case residual(ResaddPlan)
  /// Means over pixels, added up in the accumulator (facts 11.5, global average).
  case average(GlobalAveragePlan)
  /// An operation of the floating-point unit (Docs/NonlinearUnit.md).
  case nonlinear(NonlinearPlan)
  /// LayerNorm or softmax on the integer normaliser (facts 11.5, tiled_norm_auto).
  case norm(NormPlan)
  /// An elementwise operation on the way through the accumulator.
  case integer(IntegerPass)
  /// An operation of the host; there are no commands but the fence.
  case host(HostWork)

  /// The commands of the piece; the last is a fence.
  ///
  /// - Parameter flushesFirst: Whether the first is the flush that every program starts with.
  func program(flushesFirst: Bool) -> any CommandSource & Sendable {
    switch self {
    case .matmul(let plan): TiledMatmul(plan, flushesFirst: flushesFirst)
    case .convolution(let plan): TiledConv(plan, flushesFirst: flushesFirst)
    case .residual(let plan): TiledResadd(plan, flushesFirst: flushesFirst)
    case .average(let plan): GlobalAverage(plan, flushesFirst: flushesFirst)
    case .nonlinear(let plan): NonlinearProgram(plan, flushesFirst: flushesFirst)
    case .norm(let plan): TiledNorm(plan, flushesFirst: flushesFirst)
    case .integer(let pass): pass.starting(withFlush: flushesFirst)
    case .host(let work): StepList([.host(work), .fence])
    }
  }
}

/// Where the tensors of a nonlinear operation stand.
struct NonlinearOperands {
  var x: TensorPlace
  /// The second tensor of the size of x.
  var y: TensorPlace?
  /// FP32 rows of a norm.
  var gain: TensorPlace?
  var bias: TensorPlace?
  var output: TensorPlace

  init(x: TensorPlace, y: TensorPlace?, gain: TensorPlace?, bias: TensorPlace?, output: TensorPlace)
  {
    self.x = x
    self.y = y
    self.gain = gain
    self.bias = bias
    self.output = output
  }

  /// Dense tensors, one after the other.
  init(dense work: NonlinearWork) {
    let addresses = NonlinearAddresses(work)
    func place(_ address: UInt64, _ type: WorkloadElementType) -> TensorPlace {
      TensorPlace(address: address, pitch: work.columns, type: type)
    }
    x = place(addresses.x, work.inputIsWide ? .int32 : .int8)
    y = work.hasSecond ? place(addresses.y, .int8) : nil
    gain = work.hasGain ? place(addresses.gain, .fp32) : nil
    bias = work.hasBias ? place(addresses.bias, .fp32) : nil
    output = place(addresses.output, .int8)
  }

  var addresses: NonlinearAddresses {
    NonlinearAddresses(
      x: x.address, y: y?.address ?? 0, gain: gain?.address ?? 0, bias: bias?.address ?? 0,
      output: output.address)
  }
}

extension OperatorPiece {
  /// A nonlinear operation in one of the three placements.
  ///
  /// - Parameter isOnChip: Operands are taken to be in local memory, and results left there; only
  ///   for the floating-point unit.
  /// - Throws: `LoweringError` naming what the machine or the placement cannot do.
  init(
    _ work: NonlinearWork, _ operands: NonlinearOperands, at placement: Placement,
    on machine: Machine, isOnChip: Bool = false
  ) throws(LoweringError) {
    var work = work
    work.inputIsWide = operands.x.type == .int32
    try work.check()
    if placement == .host {
      self = .host(try Self.hostWork(work, operands))
      return
    }
    for place in [operands.x, operands.output] where place.type == .fp32 {
      throw LoweringError("FP32 in main memory is the host's only")
    }
    guard operands.output.type == .int8 else { throw LoweringError("the result must be int8") }
    if let second = operands.y, second.type != .int8 {
      throw LoweringError("the second operand must be int8, is \(second.type.rawValue)")
    }
    if placement == .fpUnit {
      self = .nonlinear(
        try NonlinearPlan(work, on: machine, addresses: operands.addresses, isOnChip: isOnChip))
    } else if IntegerPass.hasOperation(work.operation) {
      self = .integer(try IntegerPass(work, on: machine, addresses: operands.addresses))
    } else {
      self = .norm(try NormPlan(work, on: machine, addresses: operands.addresses))
    }
  }

  private static func hostWork(
    _ work: NonlinearWork, _ operands: NonlinearOperands
  ) throws(LoweringError) -> HostWork {
    guard work.operation != .topK else {
      throw LoweringError("the host model has no cost for \(work.operation)")
    }
    try operands.addresses.check(work)
    let vectors = [operands.gain, operands.bias].map { place in
      place.map { HostTensor($0, scale: 1, repeats: true) }
    }
    var host = HostWork(
      work.operation, rows: work.rows, columns: work.columns,
      input: HostTensor(operands.x, scale: work.inputScale),
      second: operands.y.map { HostTensor($0, scale: work.secondScale) } ?? vectors[0],
      third: vectors[1], output: HostTensor(operands.output, scale: work.outputScale))
    host.causalRows = work.causalRows
    // FP32 is not scaled on its way in; the norm of s x is that of x with epsilon / s^2.
    host.epsilon =
      operands.x.type == .fp32 ? work.epsilon / (work.inputScale * work.inputScale) : work.epsilon
    return try host.checked()
  }
}

extension HostWork {
  /// Itself, if the host can do it.
  ///
  /// - Throws: `LoweringError` saying what it cannot do.
  func checked() throws(LoweringError) -> HostWork {
    do {
      try check()
    } catch {
      throw LoweringError(error.description)
    }
    return self
  }
}

extension HostTensor {
  /// The tensor at `place`, or its first row again and again.
  init(_ place: TensorPlace, scale: Float, repeats: Bool = false) {
    self.init(
      address: place.address, type: ElementType(place.type), scale: scale,
      stride: repeats ? 0 : place.pitch * place.type.bytes)
  }
}

extension HostTensor.ElementType {
  init(_ type: WorkloadElementType) {
    self =
      switch type {
      case .int8: .int8
      case .int32: .int32
      case .fp32: .fp32
      }
  }
}
