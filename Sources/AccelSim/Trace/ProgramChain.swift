/// One program after another.
public struct ProgramChain<First: CommandSource, Second: CommandSource>: CommandSource {
  private var first: First
  private var second: Second
  private var isInSecond = false

  public init(_ first: First, _ second: Second) {
    self.first = first
    self.second = second
  }

  /// The sum, if both parts are legal by construction: each configures what it uses.
  public var legalMACs: Int? {
    guard let first = first.legalMACs, let second = second.legalMACs else { return nil }
    return first + second
  }

  public mutating func next() throws -> ProgramStep? {
    if !isInSecond {
      if let step = try first.next() { return step }
      isInSecond = true
    }
    return try second.next()
  }
}

extension ProgramChain: Sendable where First: Sendable, Second: Sendable {}
