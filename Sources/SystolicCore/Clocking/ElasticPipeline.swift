/// A pipeline of register stages that closes its bubbles when the far end stalls.
///
/// Facts 8.6 ("stallable pipeline"): a stage moves on unless the next one is occupied and stalls.
/// Each cycle the consumer takes `output` (or not), then `advance` moves the rest, then the
/// producer may push if `canPush`.
public struct ElasticPipeline<Element> {
  @usableFromInline var stages: [Element?]
  /// Elements in flight.
  public private(set) var count = 0

  /// Creates an empty pipeline of `depth` stages, at least 1.
  public init(depth: Int) {
    precondition(depth >= 1, "a pipeline of no stages is a wire")
    stages = Array(repeating: nil, count: depth)
  }

  /// The element in the last stage.
  @inlinable public var output: Element? { stages[stages.count - 1] }

  /// Whether the first stage is free once `advance` has run.
  @inlinable public var canPush: Bool { stages[0] == nil }

  /// Removes the element in the last stage.
  @inlinable public mutating func take() {
    if stages[stages.count - 1] != nil { remove() }
  }

  @usableFromInline mutating func remove() {
    stages[stages.count - 1] = nil
    count -= 1
  }

  /// Moves every element whose next stage is free; returns whether any moved.
  public mutating func advance() -> Bool {
    guard count > 0 else { return false }
    var moved = false
    var index = stages.count - 1
    while index > 0 {
      if stages[index] == nil, stages[index - 1] != nil {
        stages[index] = stages[index - 1]
        stages[index - 1] = nil
        moved = true
      }
      index -= 1
    }
    return moved
  }

  /// Puts an element in the first stage; `canPush` must hold.
  public mutating func push(_ element: Element) {
    precondition(stages[0] == nil, "push into a stalled pipeline")
    stages[0] = element
    count += 1
  }
}

extension ElasticPipeline: Sendable where Element: Sendable {}
extension ElasticPipeline: Equatable where Element: Equatable {}

extension ElasticPipeline {
  /// The elements, stage by stage.
  public mutating func visit(
    _ codec: inout StateCodec, _ empty: Element, _ body: (inout Element, inout StateCodec) -> Void
  ) {
    if codec.isRestoring { count = 0 }
    for index in stages.indices {
      guard codec.holds(&stages[index], or: empty) else { continue }
      if codec.isRestoring { count += 1 }
      guard var element = stages[index] else { continue }
      body(&element, &codec)
      stages[index] = element
    }
  }
}
