import SystolicCore

/// Where a tensor stands while it is needed.
struct TensorPlace: Equatable, Sendable {
  /// First byte.
  var address: UInt64
  /// Elements from a row of the last axis to the next.
  var pitch: Int
  var type: WorkloadElementType
}

/// Places of a network's tensors, operator by operator: weights, inputs and caches for the whole
/// run, an activation from the operator that writes it to the last one that reads it.
///
/// Views take no place of their own: a reshape is its input, the inputs of a concat are columns or
/// rows of its output, and new rows of a cache are written where the cache has them.
struct TensorLayout: Sendable {
  private struct View: Sendable {
    var of: String
    /// Elements before the first one.
    var offset = 0
    var pitch: Int?
  }

  private let workload: Workload
  private var types: [String: WorkloadElementType]
  private var views: [String: View] = [:]
  /// Results of reshapes.
  private var reshaped: Set<String> = []
  private var addresses: [String: UInt64] = [:]
  /// Last operator that touches each tensor that has a place.
  private var lastUse: [String: Int] = [:]
  private(set) var memory = TensorMemory()
  private var isPlaced = false
  /// Why there is no place for all, if so.
  private var problem: NetworkError?

  init(_ workload: Workload, _ fusion: NetworkFusion) {
    self.workload = workload
    types = fusion.types
    for (index, step) in workload.operators.enumerated() {
      switch step.kind {
      case .reshape:
        // Straight to what a chain of reshapes begins with.
        let input = step.inputs[0]
        let source = reshaped.contains(input) ? views[input]?.of : nil
        views[step.output] = View(of: source ?? input)
        reshaped.insert(step.output)
      case .concat(let concat):
        let shape = workload[step.output].shape
        let axis = concat.axis < 0 ? shape.count - 1 : concat.axis
        let isLast = axis == shape.count - 1
        if !isLast, shape[..<axis].contains(where: { $0 > 1 }) {
          note(
            step,
            "joins along an axis in the middle, expected the last one, or the first that is not 1")
        }
        var before = 0
        for name in step.inputs {
          put(
            name, into: View(of: step.output, offset: before, pitch: isLast ? shape.last : nil),
            by: step)
          before += workload[name].shape[axis...].reduce(1, *)
        }
      case .cacheAppend(let append):
        let features = workload[step.output].shape.last ?? 1
        let (rows, whole) = (workload[step.inputs[0]].shape[0], workload[step.output].shape[0])
        if append.batch > 1, rows > append.batch {
          note(
            step, "\(rows / append.batch) rows of \(append.batch) items, expected one row each")
        }
        // One row of each item, as far apart as the items' parts of the cache.
        put(
          step.inputs[0],
          into: View(
            of: step.output, offset: append.position * features,
            pitch: append.batch > 1 ? whole / append.batch * features : nil), by: step)
        checkReaders(of: step.output, before: index)
      case .layerNorm, .rmsNorm:
        for name in step.inputs.dropFirst() { types[name] = .fp32 }
      default: break
      }
      // What runs inside another writes where the other would have written.
      if let host = fusion.host(of: index) {
        views[workload.operators[host].output] = View(of: step.output)
      }
    }
    // What nothing reads is a result of the network, and stays.
    let read = Set(workload.operators.flatMap(\.inputs))
    for (index, step) in workload.operators.enumerated() {
      for name in step.inputs + [step.output] {
        let use = read.contains(name) ? index : Int.max
        lastUse[root(name).name, default: 0] = max(lastUse[root(name).name] ?? 0, use)
      }
      checkReshape(step)
    }
  }

  /// Keeps the first reason why there is no place for all.
  private mutating func note(_ step: WorkloadOperator, _ reason: String) {
    problem = problem ?? NetworkError(workload, step, reason)
  }

  /// Makes `name` a part of another tensor. What stands behind a reshape takes the place, not the
  /// reshape.
  private mutating func put(_ name: String, into view: View, by step: WorkloadOperator) {
    var written = name
    while reshaped.contains(written), let view = views[written] { written = view.of }
    if let other = views[written] {
      return note(
        step,
        "'\(name)' is part of '\(other.of)' already, and a tensor stands in one place; compute it "
          + "a second time for '\(view.of)'")
    }
    if view.pitch != nil, workload[written].shape.last != workload[name].shape.last {
      return note(
        step,
        "'\(name)' is written in rows of \(workload[written].shape.last ?? 1) elements, as "
          + "'\(written)', and joined in rows of \(workload[name].shape.last ?? 1)")
    }
    views[written] = view
  }

  /// New rows are written into their cache when they are computed, so nothing may read the cache
  /// between that and the append.
  private mutating func checkReaders(of cache: String, before append: Int) {
    let step = workload.operators[append]
    var written = step.inputs[0]
    while reshaped.contains(written), let view = views[written] { written = view.of }
    guard let writer = workload.operators[..<append].lastIndex(where: { $0.output == written })
    else { return }
    for reader in workload.operators[writer..<append] where reader.inputs.contains(cache) {
      note(
        step,
        "'\(reader.name)' reads '\(cache)' when the new rows stand in it already; append them "
          + "before it, or compute them after it")
    }
  }

  /// Rows with a gap between them have no other shape.
  private mutating func checkReshape(_ step: WorkloadOperator) {
    guard case .reshape = step.kind, let pitch = root(step.inputs[0]).pitch else { return }
    let (input, output) = (workload[step.inputs[0]].shape, workload[step.output].shape)
    if input.last != output.last, pitch != input.last {
      note(
        step,
        "'\(step.inputs[0])' stands in '\(root(step.inputs[0]).name)', \(pitch) elements from row "
          + "to row, so its rows of \(input.last ?? 1) must stay")
    }
  }

  private func root(_ name: String) -> (name: String, offset: Int, pitch: Int?) {
    var (current, offset) = (name, 0)
    var pitch: Int?
    while let view = views[current] {
      offset += view.offset
      pitch = view.pitch ?? pitch
      current = view.of
    }
    return (current, offset, pitch)
  }

  /// Makes room for what operator `index` writes; before the first one, for all that stays.
  ///
  /// - Throws: `NetworkError` if main memory is full.
  mutating func begin(_ index: Int) throws(NetworkError) {
    if let problem { throw problem }
    if !isPlaced {
      isPlaced = true
      for tensor in workload.tensors where tensor.role != .activation {
        try place(root(tensor.name).name)
      }
    }
    try place(root(workload.operators[index].output).name)
  }

  /// Gives back what nobody reads after operator `index`.
  mutating func end(_ index: Int) {
    let step = workload.operators[index]
    for name in Set(step.inputs + [step.output]) {
      let owner = root(name).name
      guard workload[owner].role == .activation, lastUse[owner] == index,
        let address = addresses.removeValue(forKey: owner)
      else { continue }
      memory.release(address)
    }
  }

  private mutating func place(_ name: String) throws(NetworkError) {
    guard addresses[name] == nil else { return }
    let bytes = workload[name].count * type(of: name).bytes
    guard let address = memory.allocate(bytes) else {
      throw NetworkError(
        "tensor '\(name)' of \(workload.name) takes \(bytes) bytes, which main memory of "
          + "\(MainMemoryData.end - MainMemoryData.base) bytes has no room for")
    }
    addresses[name] = address
  }

  /// Places of what no operator writes; there are none before the first operator.
  var given: [String: TensorPlace] {
    var places: [String: TensorPlace] = [:]
    for tensor in workload.tensors where tensor.role != .activation && isPlaced {
      places[tensor.name] = place(of: tensor.name)
    }
    return places
  }

  func type(of name: String) -> WorkloadElementType { types[name] ?? .int8 }

  /// The place of a tensor that is needed now.
  func place(of name: String) -> TensorPlace {
    let (owner, offset, pitch) = root(name)
    guard let address = addresses[owner] else {
      preconditionFailure("tensor '\(owner)' has no place")
    }
    let type = type(of: owner)
    return TensorPlace(
      address: address + UInt64(offset * type.bytes),
      pitch: pitch ?? workload[name].shape.last ?? 1, type: type)
  }
}
