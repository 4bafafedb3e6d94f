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
  private let types: [String: WorkloadElementType]
  private var views: [String: View] = [:]
  private var addresses: [String: UInt64] = [:]
  /// Last operator that touches each tensor that has a place.
  private var lastUse: [String: Int] = [:]
  private(set) var memory = TensorMemory()
  private var isPlaced = false
  /// Why there is no place for all, if so.
  private var problem: String?

  init(_ workload: Workload, _ fusion: NetworkFusion) {
    self.workload = workload
    var types = fusion.types
    for (index, step) in workload.operators.enumerated() {
      switch step.kind {
      case .reshape: views[step.output] = View(of: step.inputs[0])
      case .concat(let concat):
        let shape = workload[step.output].shape
        let axis = concat.axis < 0 ? shape.count - 1 : concat.axis
        let isLast = axis == shape.count - 1
        if !isLast, shape[..<axis].contains(where: { $0 > 1 }) {
          problem =
            "operator '\(step.name)' (concat): joins along an axis in the middle, "
            + "expected the last one, or the first that is not 1"
        }
        var before = 0
        for name in step.inputs {
          // A reshape's input takes the place, not the reshape.
          views[Self.written(name, views)] = View(
            of: step.output, offset: before, pitch: isLast ? shape.last : nil)
          before += workload[name].shape[axis...].reduce(1, *)
        }
      case .cacheAppend(let append):
        let features = workload[step.output].shape.last ?? 1
        let (rows, whole) = (workload[step.inputs[0]].shape[0], workload[step.output].shape[0])
        if append.batch > 1, rows > append.batch {
          problem =
            "operator '\(step.name)' (cacheAppend): \(rows / append.batch) rows of "
            + "\(append.batch) items, expected one row each"
        }
        // One row of each item, as far apart as the items' parts of the cache.
        views[Self.written(step.inputs[0], views)] = View(
          of: step.output, offset: append.position * features,
          pitch: append.batch > 1 ? whole / append.batch * features : nil)
      case .layerNorm, .rmsNorm:
        for name in step.inputs.dropFirst() { types[name] = .fp32 }
      default: break
      }
      // What runs inside another writes where the other would have written.
      if let host = fusion.host(of: index) {
        views[workload.operators[host].output] = View(of: step.output)
      }
    }
    self.types = types
    for (index, step) in workload.operators.enumerated() {
      for name in step.inputs + [step.output] { lastUse[root(name).name] = index }
    }
  }

  /// The tensor that is written where `name` stands.
  private static func written(_ name: String, _ views: [String: View]) -> String {
    var name = name
    while let view = views[name] { name = view.of }
    return name
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
    if let problem { throw NetworkError(problem) }
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
