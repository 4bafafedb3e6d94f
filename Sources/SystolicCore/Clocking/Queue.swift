/// A point in time, in clock cycles.
public typealias Cycle = Int

/// A hardware queue of fixed depth, stepped in one pass per cycle with consumers before producers.
///
/// Because the consumer runs first, an element sent in a cycle is first seen in the next, and a
/// plain queue must remember whether it was full *before* the consumer took something: that is
/// what `now` is for. Facts, "Queue vocabulary".
public struct Queue<Element> {
  /// When a producer may send.
  public enum Kind: Sendable {
    /// Only if the queue was not full when the cycle began.
    case plain
    /// Also if the consumer takes an element in the same cycle.
    case pipe
  }

  /// A ring; it grows to its `depth` as its places are used for the first time.
  @usableFromInline var slots: [Element] = []
  @usableFromInline var head = 0
  @usableFromInline var storedCount = 0
  @usableFromInline var lastPop: Cycle = -1
  /// Elements taken in the cycle `lastPop`.
  @usableFromInline var popCount = 0
  @usableFromInline let kind: Kind
  /// Elements that fit.
  public let depth: Int

  /// Creates an empty queue of `depth` elements, at least 1.
  @inlinable public init(depth: Int, kind: Kind = .plain) {
    precondition(depth >= 1, "a queue of depth \(depth) would be a wire")
    self.depth = depth
    self.kind = kind
    slots.reserveCapacity(depth)
  }

  /// Elements held now.
  @inlinable @inline(__always)
  public var count: Int { storedCount }
  /// Whether nothing is held.
  @inlinable @inline(__always)
  public var isEmpty: Bool { storedCount == 0 }
  /// The oldest element, left in place.
  @inlinable @inline(__always)
  public var first: Element? { storedCount == 0 ? nil : slots[head] }

  /// The element `index` places behind the oldest, or `nil`.
  @inlinable public subscript(index: Int) -> Element? {
    guard index < storedCount else { return nil }
    let at = head &+ index
    return slots[at < depth ? at : at &- depth]
  }

  /// Whether `send` may be called in cycle `now`, after the consumer has had its turn.
  @inlinable @inline(__always)
  public func canSend(_ now: Cycle) -> Bool {
    switch kind {
    case .plain: storedCount &+ (lastPop == now ? popCount : 0) < depth
    case .pipe: storedCount < depth
    }
  }

  /// Appends `element`. Ask `canSend` first: sending into a full queue is a bug in the model.
  @inlinable @inline(__always)
  public mutating func send(_ element: Element) {
    precondition(storedCount < depth, "send into a full queue")
    var at = head &+ storedCount
    if at >= depth { at &-= depth }
    if at < slots.count { slots[at] = element } else { slots.append(element) }
    storedCount &+= 1
  }

  /// Whether an element was taken in cycle `now`.
  @inlinable public func received(_ now: Cycle) -> Bool { lastPop == now }

  /// Removes and returns the oldest element in cycle `now`.
  @inlinable @inline(__always) @discardableResult
  public mutating func receive(_ now: Cycle) -> Element? {
    guard storedCount > 0 else { return nil }
    // The slot keeps its old element: elements are plain values, and clearing costs a write.
    let element = slots[head]
    head = head &+ 1 == depth ? 0 : head &+ 1
    storedCount &-= 1
    popCount = lastPop == now ? popCount &+ 1 : 1
    lastPop = now
    return element
  }
}

extension Queue: Sendable where Element: Sendable {}
extension Queue: Equatable where Element: Equatable {
  /// Whether both hold the same elements in the same order, and refuse and accept alike.
  public static func == (one: Queue, other: Queue) -> Bool {
    guard one.count == other.count, one.depth == other.depth, one.kind == other.kind,
      one.lastPop == other.lastPop, one.popCount == other.popCount
    else { return false }
    return (0..<one.count).allSatisfy { one[$0] == other[$0] }
  }
}
