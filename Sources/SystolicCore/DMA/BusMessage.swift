/// One beat of a request on its way to main memory. Packed: one moves almost every cycle.
public struct RequestBeat: Equatable, Sendable {
  /// Aligned address of the whole request.
  public var address: UInt64
  @usableFromInline var source32: Int32
  @usableFromInline var size32: Int32
  @usableFromInline var beatsAfter32: Int32
  /// A write; otherwise a read, which is one beat.
  public var isWrite: Bool
  /// A write that leaves out some of the request's bytes.
  public var isPartial: Bool

  /// Transaction number of its DMA engine.
  @inlinable public var source: Int { Int(source32) }
  /// Bytes of the whole request, a power of two.
  @inlinable public var size: Int { Int(size32) }
  /// Beats of the request that follow this one.
  @inlinable public var beatsAfter: Int { Int(beatsAfter32) }

  /// Creates one beat of a request.
  @inlinable public init(
    isWrite: Bool, source: Int, address: UInt64, size: Int, beatsAfter: Int,
    isPartial: Bool = false
  ) {
    self.isWrite = isWrite
    self.isPartial = isPartial
    self.address = address
    source32 = Int32(truncatingIfNeeded: source)
    size32 = Int32(truncatingIfNeeded: size)
    beatsAfter32 = Int32(truncatingIfNeeded: beatsAfter)
  }
}

/// One beat of an answer: data of a read, or the acknowledgement of a write.
public struct ResponseBeat: Equatable, Sendable {
  @usableFromInline var source32: Int32
  @usableFromInline var size32: Int32
  /// An acknowledgement.
  public var isWrite: Bool
  /// Last beat of the answer.
  public var isLast: Bool

  /// Transaction number of its DMA engine.
  @inlinable public var source: Int { Int(source32) }
  /// Bytes of the request that this answers.
  @inlinable public var size: Int { Int(size32) }

  /// Creates one beat of an answer.
  @inlinable public init(isWrite: Bool, source: Int, size: Int, isLast: Bool) {
    self.isWrite = isWrite
    source32 = Int32(truncatingIfNeeded: source)
    size32 = Int32(truncatingIfNeeded: size)
    self.isLast = isLast
  }
}

extension RequestBeat {
  static let none = RequestBeat(isWrite: false, source: 0, address: 0, size: 0, beatsAfter: 0)

  mutating func visit(_ codec: inout StateCodec) {
    codec.address(&address)
    codec.flag(&isWrite)
    codec.transaction(&source32, isWrite: isWrite)
    codec.integer(&size32)
    codec.integer(&beatsAfter32)
  }
}

extension ResponseBeat {
  static let none = ResponseBeat(isWrite: false, source: 0, size: 0, isLast: false)

  mutating func visit(_ codec: inout StateCodec) {
    codec.flag(&isWrite)
    codec.transaction(&source32, isWrite: isWrite)
    codec.integer(&size32)
    codec.flag(&isLast)
  }
}
