/// Recorded and own command records side by side.
public struct CommandComparison: Sendable {
  /// The hardware's, from a golden `cmds` file.
  public let recorded: [CommandRecord]
  /// Those of the simulator's run of the same trace.
  public let own: [CommandRecord]
  /// Commands that differ in any column, or that only one side has.
  public private(set) var differing = 0
  /// Where the earliest difference in time is, as an index of both lists.
  public private(set) var first: Int?
  /// Cycle of the earliest difference.
  public private(set) var cycle = 0

  /// Compares records with the same index, which is their order of allocation.
  public init(recorded: [CommandRecord], own: [CommandRecord]) {
    self.recorded = recorded
    self.own = own
    var earliest = Int.max
    for index in 0..<max(recorded.count, own.count) {
      guard let cycle = divergence(at: index) else { continue }
      differing += 1
      if cycle < earliest {
        earliest = cycle
        first = index
        self.cycle = cycle
      }
    }
  }

  /// Whether all columns of all commands are equal.
  public var isExact: Bool { first == nil }

  /// The cycle from which the records at `index` differ, or `nil` if they do not.
  private func divergence(at index: Int) -> Int? {
    guard index < recorded.count, index < own.count else {
      return index < recorded.count ? recorded[index].allocated : own[index].allocated
    }
    let left = recorded[index]
    let right = own[index]
    if left == right { return nil }
    let isSameCommand =
      left.sequence == right.sequence && left.commandClass == right.commandClass
      && left.slot == right.slot && left.command == right.command && left.origin == right.origin
    guard isSameCommand, left.allocated == right.allocated else {
      return min(left.allocated, right.allocated)
    }
    if left.issued != right.issued { return earlier(left.issued, right.issued) }
    return earlier(left.completed, right.completed)
  }

  /// The earlier of two cycles, of which -1 means never.
  private func earlier(_ left: Int, _ right: Int) -> Int {
    left < 0 ? right : right < 0 ? left : min(left, right)
  }

  /// The first difference in words, with `context` commands before and after it; `-` marks what
  /// was recorded, `+` what ran here.
  public func text(context: Int = 3, encoding: ConvEncoding = .rectangular) -> String {
    guard let first else {
      return "all \(recorded.count) commands are equal in every column\n"
    }
    let disassembler = Disassembler(encoding: encoding)
    var text = "first difference in cycle \(cycle), command \(first)"
    if first < recorded.count { text += ": " + disassembler.text(recorded[first].command) }
    text += "\n\(columnsThatDiffer(at: first)); \(differing) of "
    text += "\(max(recorded.count, own.count)) commands differ\n"
    text += "  \(CommandRecordFile.header)\n"
    let last = min(max(recorded.count, own.count) - 1, first + context)
    for index in max(0, first - context)...last {
      let left = index < recorded.count ? CommandRecordFile.line(recorded[index]) : nil
      let right = index < own.count ? CommandRecordFile.line(own[index]) : nil
      if left == right, let left {
        text += "  \(left)\n"
      } else {
        text += "- \(left ?? "nothing")\n+ \(right ?? "nothing")\n"
      }
    }
    return text
  }

  private func columnsThatDiffer(at index: Int) -> String {
    guard index < recorded.count else { return "not recorded" }
    guard index < own.count else { return "did not run here" }
    let names = CommandRecordFile.header.split(separator: ",")
    let left = CommandRecordFile.line(recorded[index]).split(
      separator: ",", omittingEmptySubsequences: false)
    let right = CommandRecordFile.line(own[index]).split(
      separator: ",", omittingEmptySubsequences: false)
    return names.indices.filter { left[$0] != right[$0] }
      .map { "\(names[$0]) recorded \(left[$0]), here \(right[$0])" }.joined(separator: ", ")
  }
}
