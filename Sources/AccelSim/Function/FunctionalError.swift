/// A command that the machine cannot execute, or whose result the hardware leaves undefined.
public struct FunctionalError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What kind of mistake it is.
  public enum Reason: String, Sendable {
    /// A field of the command has a value that the hardware does not take.
    case illegalOperand
    /// A row of the scratchpad or the accumulator that does not exist.
    case localAddress
    /// Bytes of main memory that do not exist.
    case memoryAddress
    /// The configured machine has no such feature.
    case unsupported
    /// The command may not stand here: what must come before it has not.
    case sequence
    /// The recorded hardware fails on this command, or its result is not defined.
    case undefined
  }

  /// Which rule the command breaks.
  public var reason: Reason
  /// Commands executed before this one, loops unrolled.
  public var index: Int
  public var command: Command
  /// What was found.
  public var found: String
  /// What would have been right.
  public var expected: String

  public var description: String {
    "command \(index) (\(command.summary)): found \(found), expected \(expected)"
  }
}

/// A fault before it is known which command met it.
struct Fault: Error {
  var reason: FunctionalError.Reason
  var found: String
  var expected: String

  init(_ reason: FunctionalError.Reason, found: String, expected: String) {
    self.reason = reason
    self.found = found
    self.expected = expected
  }
}

extension Command {
  /// The function and the raw operands, for messages.
  var summary: String {
    let name = function.map { "\($0)" } ?? "funct \(funct)"
    return "\(name) 0x\(String(rs1, radix: 16)) 0x\(String(rs2, radix: 16))"
  }
}

/// Throws unless `value` is in `range`.
@inline(__always)
func require(_ name: String, _ value: Int, in range: ClosedRange<Int>) throws(Fault) {
  guard range.contains(value) else {
    throw Fault(
      .illegalOperand, found: "\(name) \(value)",
      expected: "\(range.lowerBound)...\(range.upperBound)")
  }
}
