import SystolicCore

/// The cycles of a run that a trace or a wave dump has.
public struct CycleWindow: Equatable, Sendable {
  /// First cycle.
  public var from: Int
  /// The cycle behind the last.
  public var until: Int

  /// Every cycle.
  public static let all = CycleWindow(from: 0, until: .max)

  public init(from: Int, until: Int) {
    self.from = from
    self.until = until
  }

  /// `FROM:TO`: from cycle FROM up to, not including, TO; either may be missing. `nil` for
  /// anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, !(parts[0].isEmpty && parts[1].isEmpty) else { return nil }
    let numbers = parts.map { NumberText.decimal(Array($0.utf8)).map(Int.init) }
    guard parts[0].isEmpty || numbers[0] != nil, parts[1].isEmpty || numbers[1] != nil else {
      return nil
    }
    self.init(from: numbers[0] ?? 0, until: numbers[1] ?? .max)
    guard from < until else { return nil }
  }

  /// Where a run stands in it.
  enum Phase { case before, inside, after }
}
