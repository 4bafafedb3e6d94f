/// A load of zeros, which reads no memory.
public struct ZeroRequest: Equatable, Sendable {
  /// Elements of the row.
  public var columns: Int
  /// Bytes to report to the load controller with the last block.
  public var byteCount: Int
  /// The first local row, and how blocks follow it.
  public var destination: RowDestination

  public init(columns: Int, byteCount: Int, destination: RowDestination) {
    self.columns = columns
    self.byteCount = byteCount
    self.destination = destination
  }
}

/// Turns a load from address 0 into one block of zeros a cycle (facts 8.2).
public struct ZeroWriter: Sendable {
  private let dim: Int
  private var request: ZeroRequest?
  private var block = 0

  /// Creates an idle zero writer for rows of `dim` elements.
  public init(dim: Int) { self.dim = dim }

  /// Whether nothing is held.
  @inline(__always)
  public var isIdle: Bool { request == nil }

  /// The block that is ready.
  @inline(__always)
  public var output: IncomingRow? {
    guard let request else { return nil }
    var destination = request.destination
    destination.row += block * destination.blockStride
    return IncomingRow(
      destination: destination, isLast: (block + 1) * dim >= request.columns,
      packetBytes: request.byteCount)
  }

  /// Moves on after `output` was taken or not; returns whether a request is accepted this cycle.
  public mutating func tick(takesOutput: Bool) -> Bool {
    guard let current = request else { return true }
    guard takesOutput else { return false }
    block += 1
    guard block * dim >= current.columns else { return false }
    request = nil
    return true
  }

  /// Takes a request; only in a cycle in which `tick` said that it is ready.
  public mutating func accept(_ next: ZeroRequest) {
    request = next
    block = 0
  }
}

extension ZeroWriter {
  mutating func visit(_ codec: inout StateCodec) {
    guard codec.holds(&request, or: ZeroRequest(columns: 0, byteCount: 0, destination: .none))
    else { return }
    if var current = request {
      codec.integer(&current.columns)
      codec.integer(&current.byteCount)
      current.destination.visit(&codec)
      request = current
    }
    codec.integer(&block)
  }
}
