/// What an operator should have made of its operands, by direct loops over the graph's tensors.
///
/// Nothing here knows how operators are lowered. Products and sums of integers are exact in 64
/// bits; requantisation is in FP32, to the nearest, ties to even, saturated.
struct NetworkReference {
  let workload: Workload
  let machine: Machine

  /// An operator's result.
  struct Result {
    enum Elements {
      /// Equal in every bit.
      case exact([Int64])
      /// In output steps, each with what the machine may be off.
      case near([Double], bounds: [Double])
    }

    var elements: Elements
    /// What it is, for reports.
    var title: String
    /// What a number in memory is divided by to be in output steps.
    var step = 1.0

    var count: Int {
      switch elements {
      case .exact(let values): values.count
      case .near(let values, _): values.count
      }
    }
  }

  /// Integers with their shape, before they are requantised.
  struct Sums {
    var values: [Int64]
    var shape: [Int]
  }

  /// The result of `step` with `guests` run inside it; `nil` if there is no reference for it.
  ///
  /// - Parameters:
  ///   - operands: Contents of the inputs.
  ///   - type: Type of the result in memory.
  ///   - place: Where it ran.
  func result(
    of step: WorkloadOperator, _ guests: [WorkloadOperator], _ operands: [TensorValues],
    as type: WorkloadElementType, at place: OperatorPlace
  ) -> Result? {
    let shapes = step.inputs.map { workload[$0].shape }
    switch step.kind {
    case .matmul(let matmul):
      let sums = products(matmul, step, operands)
      return finish(sums, matmul.activation, matmul.scale, guests, type, "int8 product")
    case .convolution(let convolution):
      let sums = convolved(convolution, shapes, operands)
      return finish(
        sums, convolution.activation, convolution.scale, guests, type, "int8 convolution",
        pool: Self.pool(of: convolution))
    case .maxPool(let pool):
      let input = Sums(values: operands[0].integers.map(Int64.init), shape: shapes[0])
      let output = Self.pooled(input, pool)
      return Result(elements: .exact(output.values), title: "maxima")
    case .globalAverage:
      return Result(
        elements: .exact(Self.averaged(operands[0].integers, shapes[0])), title: "int8 mean")
    case .residual(let residual):
      return sum(residual, operands, type, place)
    case .softmax, .layerNorm, .rmsNorm, .activation:
      let columns = shapes[0].last ?? 1
      return nonlinear(step, operands, columns: columns, type, place)
    case .reshape: return Result(elements: .exact(Self.bits(operands[0])), title: "same elements")
    case .concat(let concat):
      return Result(
        elements: .exact(Self.joined(operands.map(Self.bits), shapes, axis: concat.axis)),
        title: "same elements")
    case .embedding:
      let width = shapes[1][1]
      let table = Self.bits(operands[1])
      let rows = operands[0].integers.flatMap { table[Int($0) * width..<(Int($0) + 1) * width] }
      return Result(elements: .exact(rows), title: "rows of a table")
    case .cacheAppend(let append):
      // The cache comes as a second operand.
      var cache = Self.bits(operands[1])
      let rows = Self.bits(operands[0])
      let (items, width) = (append.batch, shapes[0][1])
      let (part, whole) = (rows.count / items, cache.count / items)
      for (index, value) in rows.enumerated() {
        cache[index / part * whole + append.position * width + index % part] = value
      }
      return Result(elements: .exact(cache), title: "same elements")
    case .rotary(let rotary):
      let x = (0..<operands[0].count).map { operands[0][$0] }
      return near(
        Self.turned(x, rotary, shapes[0]), Array(repeating: 1, count: x.count), type, "rotary")
    }
  }

  // MARK: Sums

  private func products(
    _ matmul: WorkloadMatmul, _ step: WorkloadOperator, _ operands: [TensorValues]
  ) -> Sums {
    let shape = workload[step.output].shape
    guard let product = workload.product(of: step) else { return Sums(values: [], shape: shape) }
    let (rows, inner, columns) = (product.rows, product.inner, product.columns)
    let a = operands[0].integers.map(Float.init)
    let b = operands[1].integers
    let bias = operands.count > 2 ? operands[2].integers : []
    var values = [Int64](repeating: 0, count: product.count * rows * columns)
    // B as inner x columns.
    var right = [Float](repeating: 0, count: inner * columns)
    var left = [Float](repeating: 0, count: inner)
    var start = [Int64](repeating: 0, count: columns)
    for number in 0..<product.count {
      let slice = Slice(matmul, number)
      for k in 0..<inner {
        for j in 0..<columns {
          right[k * columns + j] = Float(
            b[
              matmul.transposeB
                ? slice.index(matmul.slicingB, j, k, rows: columns, columns: inner)
                : slice.index(matmul.slicingB, k, j, rows: inner, columns: columns)])
        }
      }
      for i in 0..<rows {
        for j in 0..<columns {
          let place = slice.index(matmul.slicingC, i, j, rows: rows, columns: columns)
          switch matmul.bias {
          case .none: start[j] = 0
          case .row: start[j] = Int64(bias[place % (shape.last ?? 1)])
          case .full: start[j] = Int64(bias[place])
          }
        }
        for k in 0..<inner {
          left[k] =
            a[
              matmul.transposeA
                ? slice.index(matmul.slicingA, k, i, rows: inner, columns: rows)
                : slice.index(matmul.slicingA, i, k, rows: rows, columns: inner)]
        }
        var exact = ExactSums(start)
        exact.add(
          left, from: 0, count: inner, right, from: 0, stride: columns, columns: columns, to: 0)
        let sums = exact.values()
        for j in 0..<columns {
          values[slice.index(matmul.slicingC, i, j, rows: rows, columns: columns)] = sums[j]
        }
      }
    }
    return Sums(values: values, shape: shape)
  }

  /// Where the matrices of one product of a batch lie.
  private struct Slice {
    let number: Int
    let item: Int
    let slice: Int
    let slices: Int

    init(_ matmul: WorkloadMatmul, _ number: Int) {
      self.number = number
      slices = matmul.slices
      item = number / slices
      slice = number % slices
    }

    func index(
      _ slicing: WorkloadSlicing, _ row: Int, _ column: Int, rows: Int, columns: Int
    ) -> Int {
      switch slicing {
      case .shared: row * columns + column
      case .columns: (item * rows + row) * slices * columns + slice * columns + column
      case .leading: (number * rows + row) * columns + column
      }
    }
  }

  /// x [batch, rows, columns, channels], weights [kernel, kernel, channels / groups, outputs].
  private func convolved(
    _ convolution: WorkloadConvolution, _ shapes: [[Int]], _ operands: [TensorValues]
  ) -> Sums {
    let (x, weights) = (
      operands[0].integers.map(Float.init), operands[1].integers.map(Float.init)
    )
    let bias = convolution.bias ? operands[2].integers.map(Int64.init) : []
    let (batch, rows, columns, channels) = (shapes[0][0], shapes[0][1], shapes[0][2], shapes[0][3])
    let kernel = convolution.kernel
    let outputs = shapes[1][3]
    let (inputs, group) = (channels / convolution.groups, outputs / convolution.groups)
    func outputSize(_ length: Int) -> Int {
      let reach = (kernel - 1) * convolution.dilation + 1
      return (length + 2 * convolution.padding - reach) / convolution.stride + 1
    }
    let (outputRows, outputColumns) = (outputSize(rows), outputSize(columns))
    var values: [Int64] = []
    values.reserveCapacity(batch * outputRows * outputColumns * outputs)
    for pixel in 0..<batch * outputRows * outputColumns {
      let (image, place) = (
        pixel / (outputRows * outputColumns), pixel % (outputRows * outputColumns)
      )
      var sums = ExactSums(bias.isEmpty ? [Int64](repeating: 0, count: outputs) : bias)
      for tap in 0..<kernel * kernel {
        let row =
          place / outputColumns * convolution.stride + tap / kernel * convolution.dilation
          - convolution.padding
        let column =
          place % outputColumns * convolution.stride + tap % kernel * convolution.dilation
          - convolution.padding
        guard (0..<rows).contains(row), (0..<columns).contains(column) else { continue }
        let first = ((image * rows + row) * columns + column) * channels
        for number in 0..<convolution.groups {
          sums.add(
            x, from: first + number * inputs, count: inputs, weights,
            from: tap * inputs * outputs + number * group, stride: outputs, columns: group,
            to: number * group)
        }
      }
      values += sums.values()
    }
    return Sums(values: values, shape: [batch, outputRows, outputColumns, outputs])
  }

  // MARK: From sums to results

  private func finish(
    _ sums: Sums, _ activation: WorkloadFusedActivation, _ scale: Float,
    _ guests: [WorkloadOperator], _ type: WorkloadElementType, _ title: String,
    pool: WorkloadMaxPool? = nil
  ) -> Result? {
    var sums = sums
    var title = title
    if activation != .none { sums.values = sums.values.map { max($0, 0) } }
    if let guest = guests.first, guest.isNonlinear {
      guard
        var result = nonlinear(
          guest, sums.values.map(Double.init), columns: sums.shape.last ?? 1, .int8, .integerUnit)
      else { return nil }
      result.title = "\(title), \(result.title)"
      return result
    }
    guard type == .int8 else {
      return Result(elements: .exact(sums.values), title: title + ", sums")
    }
    sums.values = sums.values.map { Int64(Self.requantised(Float($0) * scale)) }
    var pools = pool.map { [$0] } ?? []
    for guest in guests {
      guard case .maxPool(let attributes) = guest.kind else { continue }
      pools.append(attributes)
    }
    for pool in pools {
      sums = Self.pooled(sums, pool)
      title += ", maxima"
    }
    return Result(elements: .exact(sums.values), title: title)
  }

  /// The nearest int8, ties to even.
  static func requantised(_ value: Float) -> Int8 {
    Int8(min(max(value, -128), 127).rounded(.toNearestOrEven))
  }

  /// The max-pool that a convolution's own attributes ask for.
  private static func pool(of convolution: WorkloadConvolution) -> WorkloadMaxPool? {
    guard convolution.poolSize > 0 else { return nil }
    var pool = WorkloadMaxPool()
    pool.size = convolution.poolSize
    pool.stride = convolution.poolStride
    pool.padding = convolution.poolPadding
    return pool
  }

  /// Maxima over windows; what lies outside the image counts as 0, as the hardware has it.
  private static func pooled(_ input: Sums, _ pool: WorkloadMaxPool) -> Sums {
    let (size, stride, padding) = (pool.size, pool.stride, pool.padding)
    let (batch, rows, columns, channels) = (
      input.shape[0], input.shape[1], input.shape[2], input.shape[3]
    )
    // Windows inside the padded image, and with rounding up one that begins inside the image.
    func windows(_ pixels: Int) -> Int {
      var count = 0
      while count * stride + size <= pixels + 2 * padding
        || (pool.roundsUp && (count - 1) * stride + size < pixels + 2 * padding
          && count * stride < pixels + padding)
      { count += 1 }
      return count
    }
    let (outputRows, outputColumns) = (windows(rows), windows(columns))
    var values: [Int64] = []
    values.reserveCapacity(batch * outputRows * outputColumns * channels)
    for image in 0..<batch {
      for place in 0..<outputRows * outputColumns {
        let top = place / outputColumns * stride - padding
        let left = place % outputColumns * stride - padding
        for channel in 0..<channels {
          var largest = Int64.min
          for tap in 0..<size * size {
            let (row, column) = (top + tap / size, left + tap % size)
            let isInside = (0..<rows).contains(row) && (0..<columns).contains(column)
            let index = ((image * rows + row) * columns + column) * channels + channel
            largest = max(largest, isInside ? input.values[index] : 0)
          }
          values.append(largest)
        }
      }
    }
    return Sums(values: values, shape: [batch, outputRows, outputColumns, channels])
  }

  /// Sums over an image's pixels, times the FP32 number nearest to one over their number.
  private static func averaged(_ x: [Int32], _ shape: [Int]) -> [Int64] {
    let (pixels, channels) = (shape[1] * shape[2], shape[3])
    let scale = Float(1 / Double(pixels))
    return (0..<shape[0] * channels).map { index in
      let (image, channel) = (index / channels, index % channels)
      let sum = (0..<pixels).reduce(Int64(0)) {
        $0 + Int64(x[(image * pixels + $1) * channels + channel])
      }
      return Int64(requantised(Float(sum) * scale))
    }
  }

  // MARK: Views

  /// Elements as integers, those of FP32 by their bits.
  static func bits(_ values: TensorValues) -> [Int64] {
    switch values {
    case .integer(let values): values.map(Int64.init)
    case .real(let values): values.map { Int64($0.bitPattern) }
    }
  }

  private static func joined(_ inputs: [[Int64]], _ shapes: [[Int]], axis: Int) -> [Int64] {
    let axis = axis < 0 ? shapes[0].count - 1 : axis
    let outer = shapes[0][..<axis].reduce(1, *)
    let lengths = shapes.map { $0[axis...].reduce(1, *) }
    return (0..<outer).flatMap { row in
      zip(inputs, lengths).flatMap { input, length in input[row * length..<(row + 1) * length] }
    }
  }
}

extension WorkloadOperator {
  /// Whether a bound, not equality, judges its results.
  var isNonlinear: Bool {
    switch kind {
    case .softmax, .layerNorm, .rmsNorm, .activation: true
    default: false
    }
  }
}
