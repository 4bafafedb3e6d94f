import SystolicCore

/// Lowers one operator of a network, with those that run inside it.
struct OperatorPlanner {
  let workload: Workload
  let machine: Machine
  let fusion: NetworkFusion
  let layout: TensorLayout
  let tiles: [String: MatmulTile]
  let keepsScales: Bool

  /// - Throws: `LoweringError` saying what the machine cannot do.
  func plan(_ index: Int) throws(LoweringError) -> OperatorPlan {
    let step = workload.operators[index]
    let guests = fusion.guests(of: index).map { workload.operators[$0] }
    let pieces: [OperatorPiece]
    var place = OperatorPlace.array
    switch step.kind {
    case .matmul(let matmul): pieces = try self.matmul(step, matmul, guests)
    case .convolution(let convolution): pieces = [try self.convolution(index, convolution)]
    case .globalAverage: pieces = [try average(step)]
    case .residual(let residual):
      pieces = [try self.residual(step, residual, fusion.placements[index])]
      place = OperatorPlace(fusion.placements[index])
    case .softmax, .layerNorm, .rmsNorm, .activation:
      pieces = [try nonlinear(step, fusion.placements[index])]
      place = OperatorPlace(fusion.placements[index])
    case .rotary(let rotary):
      pieces = [try self.rotary(step, rotary)]
      place = .host
    case .reshape, .concat, .cacheAppend, .embedding:
      pieces = []
      place = .none
    case .maxPool:
      throw LoweringError(
        machine.config.features.maxPool
          ? "no unit has a max-pool by itself: it runs on the way out of a convolution that only it "
            + "reads, with a window of up to 3x3"
          : "\(machine.config.name) cannot pool: features.maxPool is false")
    }
    var fused = guests.map(\.name)
    // A pool behind a concat runs inside each of the convolutions that the concat joins.
    if let pool = fusion.pools[index]?.name, !fused.contains(pool) { fused.append(pool) }
    if step.isView { fused = [] }
    return OperatorPlan(
      name: step.name, stem: step.stem, group: step.group, layer: step.layer,
      fused: fused, place: place, pieces: pieces, macs: workload.macs(of: step))
  }

  // MARK: Products

  /// Most products of a batched matmul: each has a plan of its own.
  static let mostProducts = 1 << 16

  /// One plan for each slice of each item of the batch.
  private func matmul(
    _ step: WorkloadOperator, _ attributes: WorkloadMatmul, _ guests: [WorkloadOperator]
  ) throws(LoweringError) -> [OperatorPiece] {
    guard let product = workload.product(of: step) else {
      throw LoweringError("no matrix product")
    }
    var matmul = Matmul(rows: product.rows, inner: product.inner, columns: product.columns)
    if machine.config.array.dataflow == .outputStationary { matmul.dataflow = .outputStationary }
    matmul.transposesA = attributes.transposeA
    matmul.transposesB = attributes.transposeB
    matmul.scale = attributes.scale
    matmul.tile = tiles[step.name] ?? tiles[step.stem]
    let c = layout.place(of: step.output)
    matmul.fullOutput = c.type == .int32
    switch attributes.activation {
    case .none: break
    case .relu, .relu6: matmul.activation = .relu
    case .gelu, .geluTanh, .silu:
      throw LoweringError(
        "\(attributes.activation.rawValue) inside a matmul; make it an operator of its own, which "
          + "runs inside where the machine can")
    }
    if c.type == .int32, matmul.activation != .none {
      throw LoweringError(
        "\(attributes.activation.rawValue) of an int32 result: sums leave the array as they are; "
          + "make '\(step.output)' int8")
    }
    guard product.count <= Self.mostProducts else {
      throw LoweringError(
        "\(product.count) products in one operator; at most \(Self.mostProducts)")
    }
    for guest in guests { fuse(guest, into: &matmul) }
    switch attributes.bias {
    case .none: break
    case .row: matmul.bias = .repeating
    case .full: matmul.bias = .full
    }
    let a = layout.place(of: step.inputs[0])
    let b = layout.place(of: step.inputs[1])
    let bias = step.inputs.count > 2 ? layout.place(of: step.inputs[2]) : nil
    for (name, place) in [("A", a), ("B", b)] where place.type != .int8 {
      throw LoweringError("\(name) is \(place.type.rawValue); the array multiplies int8")
    }
    guard c.type != .fp32 else { throw LoweringError("the array gives int8 or int32, not fp32") }
    if let bias { matmul.lowBias = bias.type == .int8 }
    matmul.strideA = a.pitch
    matmul.strideB = b.pitch
    matmul.strideC = c.pitch
    matmul.strideD = attributes.bias == .full ? bias?.pitch : nil
    let storedA =
      attributes.transposeA ? (product.inner, product.rows) : (product.rows, product.inner)
    let storedB =
      attributes.transposeB ? (product.columns, product.inner) : (product.inner, product.columns)
    let storedC = (product.rows, product.columns)
    var pieces: [OperatorPiece] = []
    for number in 0..<product.count {
      let (item, slice) = (number / attributes.slices, number % attributes.slices)
      func address(_ place: TensorPlace, _ slicing: WorkloadSlicing, _ size: (Int, Int)) -> UInt64 {
        let elements =
          switch slicing {
          case .shared: 0
          case .columns: item * size.0 * place.pitch + slice * size.1
          case .leading: number * size.0 * place.pitch
          }
        return place.address + UInt64(elements * place.type.bytes)
      }
      let biasAddress =
        bias.map { place in
          attributes.bias == .full
            ? address(place, attributes.slicingC, storedC)
            : place.address
              + UInt64(
                (attributes.slicingC == .columns ? slice * product.columns : 0)
                  * place.type.bytes)
        } ?? 0
      let plan = try MatmulPlan(
        matmul, on: machine,
        addresses: MatmulAddresses(
          a: address(a, attributes.slicingA, storedA), b: address(b, attributes.slicingB, storedB),
          d: biasAddress, c: address(c, attributes.slicingC, storedC)))
      pieces.append(.matmul(plan))
    }
    return pieces
  }

  /// A scale whose constants the integer units can have.
  private func usableScale(_ activation: MatmulActivation, _ scale: Float) -> Float {
    keepsScales ? scale : NormConstants.usableScale(activation, scale)
  }

  /// What an operator that runs inside a matmul makes of it.
  private func fuse(_ guest: WorkloadOperator, into matmul: inout Matmul) {
    switch guest.kind {
    case .softmax(let softmax):
      matmul.activation = .softmax
      matmul.bertScale = usableScale(.softmax, softmax.inputScale)
      matmul.scale = softmax.outputScale / 127
    case .layerNorm(let norm):
      matmul.activation = .layernorm
      matmul.scale = norm.outputScale
    case .activation(let activation):
      let scale = usableScale(.igelu, activation.inputScale)
      matmul.activation = .igelu
      matmul.bertScale = scale
      matmul.scale =
        scale * NormConstants.erfScale(inputScale: scale) / 2 * activation.outputScale
    default: break
    }
  }

  private func convolution(
    _ index: Int, _ attributes: WorkloadConvolution
  ) throws(LoweringError) -> OperatorPiece {
    let step = workload.operators[index]
    let x = workload[step.inputs[0]].shape
    let weights = workload[step.inputs[1]].shape
    let input = layout.place(of: step.inputs[0])
    let output = layout.place(of: step.output)
    for (name, place) in [("x", input), ("the result", output)] where place.type != .int8 {
      throw LoweringError("\(name) is \(place.type.rawValue); convolutions take and give int8")
    }
    let filters = try dense(step.inputs[1])
    var convolution = Convolution(
      inputRows: x[1], inputColumns: x[2], inputChannels: x[3], outputChannels: weights[3],
      kernel: attributes.kernel)
    convolution.batch = x[0]
    convolution.stride = attributes.stride
    convolution.padding = attributes.padding
    convolution.kernelDilation = attributes.dilation
    convolution.hasBias = attributes.bias
    convolution.activation = attributes.activation == .none ? .none : .relu
    convolution.scale = attributes.scale
    convolution.strideInput = input.pitch
    convolution.strideOutput = output.pitch
    if attributes.groups == x[3], weights[3] == x[3], attributes.groups > 1 {
      convolution.isDepthwise = true
    } else {
      convolution.groups = attributes.groups
    }
    if attributes.poolSize > 0 {
      convolution.pooling = ConvPooling(
        size: attributes.poolSize, stride: attributes.poolStride, padding: attributes.poolPadding)
    }
    if let pool = fusion.pools[index]?.pool {
      convolution.pooling = ConvPooling(
        size: pool.size, stride: pool.stride, padding: pool.padding, roundsUp: pool.roundsUp)
    }
    let bias = attributes.bias ? layout.place(of: step.inputs[2]).address : 0
    return .convolution(
      try ConvPlan(
        convolution, on: machine,
        addresses: ConvAddresses(
          input: input.address, weights: filters.address, bias: bias,
          output: output.address)))
  }

  private func average(_ step: WorkloadOperator) throws(LoweringError) -> OperatorPiece {
    let shape = workload[step.inputs[0]].shape
    for name in [step.inputs[0], step.output] where layout.place(of: name).type != .int8 {
      throw LoweringError("'\(name)' is \(layout.place(of: name).type.rawValue), expected int8")
    }
    return .average(
      try GlobalAveragePlan(
        batch: shape[0], rows: shape[1], columns: shape[2], channels: shape[3],
        input: try dense(step.inputs[0]).address, output: try dense(step.output).address,
        on: machine))
  }

  // MARK: The rest

  /// The place of a tensor for a lowering that knows no distance between rows.
  private func dense(_ name: String) throws(LoweringError) -> TensorPlace {
    let place = layout.place(of: name)
    let (rows, columns) = matrix(name)
    guard rows == 1 || place.pitch == columns else {
      throw LoweringError(
        "'\(name)' is part of a wider tensor, \(place.pitch) elements from row to row; this "
          + "operator takes and gives whole tensors only")
    }
    return place
  }

  /// Rows and columns of a tensor seen as a matrix of its last axis.
  private func matrix(_ name: String) -> (rows: Int, columns: Int) {
    let shape = workload[name].shape
    return (shape.dropLast().reduce(1, *), shape.last ?? 1)
  }

  private func residual(
    _ step: WorkloadOperator, _ attributes: WorkloadResidual, _ placement: Placement
  ) throws(LoweringError) -> OperatorPiece {
    let (rows, columns) = matrix(step.output)
    let (a, b) = (layout.place(of: step.inputs[0]), layout.place(of: step.inputs[1]))
    if placement == .integerUnit {
      for place in [a, b] where place.type != .int8 {
        throw LoweringError(
          "the accelerator adds int8 tensors, not \(place.type.rawValue); placement.residual "
            + "\"host\" adds the others")
      }
      let c = layout.place(of: step.output)
      // One distance for all three.
      let isUniform = rows == 1 || (a.pitch == b.pitch && a.pitch == c.pitch)
      if !isUniform {
        for name in step.inputs + [step.output] { _ = try dense(name) }
      }
      return .residual(
        try ResaddPlan(
          rows: rows, columns: columns, scaleA: attributes.firstScale,
          scaleB: attributes.secondScale, relu: attributes.relu,
          stride: rows == 1 ? columns : a.pitch,
          addresses: ResaddAddresses(a: a.address, b: b.address, c: c.address),
          on: machine))
    }
    guard !attributes.relu else {
      throw LoweringError("a residual with ReLU runs on the accelerator only")
    }
    // The wide one first: the unit's second operand is int8.
    let isSwapped = a.type == .int8 && b.type != .int8
    var work = NonlinearWork(.add, rows: rows, columns: columns)
    work.inputScale = isSwapped ? attributes.secondScale : attributes.firstScale
    work.secondScale = isSwapped ? attributes.firstScale : attributes.secondScale
    work.outputScale = 1
    return try piece(
      work, x: step.inputs[isSwapped ? 1 : 0], y: step.inputs[isSwapped ? 0 : 1], step.output,
      placement)
  }

  private func nonlinear(_ step: WorkloadOperator, _ placement: Placement) throws(LoweringError)
    -> OperatorPiece
  {
    let (rows, columns) = matrix(step.inputs[0])
    var work: NonlinearWork
    var second: String?
    switch step.kind {
    case .softmax(let softmax):
      work = NonlinearWork(.softmax, rows: rows, columns: columns)
      if softmax.causal { work.causalRows = workload[step.inputs[0]].shape.dropLast().last }
      work.inputScale = softmax.inputScale
      work.outputScale = 1 / softmax.outputScale
    case .layerNorm(let norm), .rmsNorm(let norm):
      let isLayerNorm = if case .layerNorm = step.kind { true } else { false }
      work = NonlinearWork(isLayerNorm ? .layerNorm : .rmsNorm, rows: rows, columns: columns)
      work.inputScale = norm.inputScale
      work.outputScale = 1 / norm.outputScale
      work.epsilon = norm.epsilon
      // The integer units have neither: they are folded into the weights that follow.
      work.hasGain = step.inputs.count > 1 && placement != .integerUnit
      work.hasBias = step.inputs.count > 2 && placement != .integerUnit
    case .activation(let activation):
      let operation: NonlinearOperation
      switch activation.function {
      case .gelu: operation = .gelu
      // The integer units have one polynomial for both forms.
      case .geluTanh: operation = placement == .integerUnit ? .gelu : .geluTanh
      case .silu: operation = .silu
      case .gatedSilu: operation = .gatedSilu
      case .relu, .relu6:
        throw LoweringError(
          "no unit has \(activation.function.rawValue) by itself: give it to the matmul or "
            + "convolution before as its \"activation\", or to a residual as its \"relu\"")
      }
      work = NonlinearWork(operation, rows: rows, columns: columns)
      work.inputScale = activation.inputScale
      work.secondScale = activation.inputScale
      work.outputScale = 1 / activation.outputScale
      if operation == .gatedSilu { second = step.inputs[1] }
    default: throw LoweringError("not a nonlinear operator")
    }
    let gains = step.inputs.count > 1 && second == nil ? Array(step.inputs.dropFirst()) : []
    return try piece(work, x: step.inputs[0], y: second, gains: gains, step.output, placement)
  }

  private func rotary(_ step: WorkloadOperator, _ attributes: WorkloadRotary)
    throws(LoweringError) -> OperatorPiece
  {
    let (rows, columns) = matrix(step.output)
    func tensor(_ name: String) -> HostTensor { HostTensor(layout.place(of: name), scale: 1) }
    var work = HostWork(
      .multiply, rows: rows, columns: columns, input: tensor(step.inputs[0]),
      output: tensor(step.output))
    work.rotation = HostRotation(
      heads: attributes.heads, rows: rows / attributes.batch, position: attributes.position,
      base: attributes.base)
    return .host(try work.checked())
  }

  private func piece(
    _ work: NonlinearWork, x: String, y: String? = nil, gains: [String] = [], _ output: String,
    _ placement: Placement
  ) throws(LoweringError) -> OperatorPiece {
    var work = work
    if placement == .integerUnit, work.operation == .gelu || work.operation == .softmax {
      work.inputScale = usableScale(
        work.operation == .gelu ? .igelu : .softmax, work.inputScale)
    }
    if placement != .host {
      for name in [x, y, output] { if let name { _ = try dense(name) } }
    }
    let vectors = gains.map(layout.place(of:))
    return try OperatorPiece(
      work,
      NonlinearOperands(
        x: layout.place(of: x), y: y.map(layout.place(of:)), gain: vectors.first,
        bias: vectors.count > 1 ? vectors[1] : nil, output: layout.place(of: output)),
      at: placement, on: machine)
  }
}

extension OperatorPlace {
  init(_ placement: Placement) {
    self =
      switch placement {
      case .host: .host
      case .fpUnit: .fpUnit
      case .integerUnit: .integerUnit
      }
  }
}
