/// One beat of a request on its way to main memory.
public struct RequestBeat: Equatable, Sendable {
  /// A write; otherwise a read, which is one beat.
  public var isWrite: Bool
  /// Transaction number of its DMA engine.
  public var source: Int
  /// Aligned address of the whole request.
  public var address: UInt64
  /// Bytes of the whole request, a power of two.
  public var size: Int
  /// Beats of the request that follow this one.
  public var beatsAfter: Int

  public init(isWrite: Bool, source: Int, address: UInt64, size: Int, beatsAfter: Int) {
    self.isWrite = isWrite
    self.source = source
    self.address = address
    self.size = size
    self.beatsAfter = beatsAfter
  }
}

/// One beat of an answer: data of a read, or the acknowledgement of a write.
public struct ResponseBeat: Equatable, Sendable {
  /// An acknowledgement of a write; otherwise data of a read.
  public var isWrite: Bool
  /// Transaction number of its DMA engine.
  public var source: Int
  /// Bytes of the request that this answers.
  public var size: Int
  /// Last beat of the answer.
  public var isLast: Bool

  public init(isWrite: Bool, source: Int, size: Int, isLast: Bool) {
    self.isWrite = isWrite
    self.source = source
    self.size = size
    self.isLast = isLast
  }
}
