import SystolicCore

/// Where a network's tensors stand in main memory: first fit, aligned, with the place of what is no
/// longer needed used again.
struct TensorMemory: Sendable {
  /// Alignment of every tensor: a page (`Translation`). Where rows cross pages decides when the DMA
  /// waits for a translation; so the same operator takes the same cycles wherever its tensors stand,
  /// and an operator that is put in front of it does not move its cycles.
  static let alignment: UInt64 = 4096

  private struct Span: Sendable {
    var start: UInt64
    var end: UInt64
  }

  /// Free places in ascending order, none touching the next.
  private var free: [Span]
  private var used: [UInt64: UInt64] = [:]
  private let end: UInt64
  /// Address behind the last byte that was ever taken.
  private(set) var highest: UInt64

  /// An empty memory from `start` to `end`.
  init(start: UInt64 = MainMemoryData.base, end: UInt64 = MainMemoryData.end) {
    free = [Span(start: start, end: end)]
    self.end = end
    highest = start
  }

  /// A place for `bytes`, or `nil` if there is none.
  mutating func allocate(_ bytes: Int) -> UInt64? {
    guard bytes > 0, bytes <= Int(end) else { return nil }
    let size = (UInt64(bytes) + Self.alignment - 1) / Self.alignment * Self.alignment
    guard let index = free.firstIndex(where: { $0.end - $0.start >= size }) else { return nil }
    let address = free[index].start
    free[index].start += size
    if free[index].start == free[index].end { free.remove(at: index) }
    used[address] = size
    highest = max(highest, address + size)
    return address
  }

  /// Gives back what `allocate` returned.
  mutating func release(_ address: UInt64) {
    guard let size = used.removeValue(forKey: address) else {
      preconditionFailure("released what was not taken")
    }
    var span = Span(start: address, end: address + size)
    let index = free.firstIndex { $0.start > address } ?? free.count
    if index < free.count, free[index].start == span.end {
      span.end = free[index].end
      free.remove(at: index)
    }
    if index > 0, free[index - 1].end == span.start {
      free[index - 1].end = span.end
    } else {
      free.insert(span, at: index)
    }
  }
}
