import SystolicCore

extension FieldLayout {
  /// Whether the field is written even when it is 0, and must be there when read.
  var isAlwaysWritten: Bool {
    switch kind {
    case .memory, .local, .dataflow, .operation, .operand: true
    case .number, .flag, .bits, .scale, .activation: false
    }
  }

  /// The value in assembly text; a flag has none, its name is enough.
  func text(_ value: UInt64) -> String {
    switch kind {
    case .number: return "\(value)"
    case .flag: return "\(value)"
    case .bits, .memory: return NumberText.hexadecimal(value)
    case .local: return LocalAddress(bits: UInt32(truncatingIfNeeded: value)).assembly
    case .scale:
      let scale = Float(bitPattern: UInt32(truncatingIfNeeded: value))
      return scale.isFinite ? "\(scale)" : NumberText.hexadecimal(value)
    case .activation:
      return value < Self.activations.count ? Self.activations[Int(value)] : "\(value)"
    case .dataflow: return Self.dataflows[Int(value & 1)]
    case .operation:
      return NonlinearOperation(rawValue: UInt8(truncatingIfNeeded: value)).map { "\($0)" }
        ?? "\(value)"
    case .operand: return Self.operands[Int(value & 3)]
    }
  }

  /// The value that `text` stands for, or `nil` if it is none of this kind.
  func value(_ text: Substring) -> UInt64? {
    switch kind {
    case .number, .flag, .bits, .memory: return NumberText.unsigned(text)
    case .local: return LocalAddress(assembly: text).map { UInt64($0.bits) }
    case .scale:
      if text.hasPrefix("0x") { return NumberText.unsigned(text) }
      return Float(text).flatMap { $0.isFinite ? UInt64($0.bitPattern) : nil }
    case .activation:
      return Self.activations.firstIndex(of: String(text)).map(UInt64.init)
        ?? NumberText.unsigned(text)
    case .dataflow: return Self.dataflows.firstIndex(of: String(text)).map(UInt64.init)
    case .operation:
      return NonlinearOperation.allCases.first { "\($0)" == text }.map { UInt64($0.rawValue) }
        ?? NumberText.unsigned(text)
    case .operand: return Self.operands.firstIndex(of: String(text)).map(UInt64.init)
    }
  }

  /// What a value of this field looks like, for errors and the ISA document.
  var form: String {
    switch kind {
    case .number: "a number 0...\(mask)"
    case .flag: "0 or 1"
    case .bits, .memory: "a number 0x0...\(NumberText.hexadecimal(mask))"
    case .local: "sp[N], acc[N], acc+[N] (with .full, .norm1 ... .norm7), or garbage"
    case .scale: "a finite float, or its 32 bits 0x..."
    case .activation:
      mask < 4
        ? "none, relu, layernorm or igelu" : "none, relu, layernorm, igelu, softmax or 5...\(mask)"
    case .dataflow: "os or ws"
    case .operation:
      NonlinearOperation.allCases.map { "\($0)" }.joined(separator: ", ") + " or 0...\(mask)"
    case .operand: "x, y, z or out"
    }
  }

  private static let activations = ["none", "relu", "layernorm", "igelu", "softmax"]
  private static let dataflows = ["os", "ws"]
  private static let operands = ["x", "y", "z", "out"]
}

extension LocalAddress {
  /// The address in assembly text: `sp[0x10]`, `acc[0x10]`, `acc+[0x10]`, `garbage`.
  ///
  /// `+` is the accumulate bit, `.full` the full-width bit, `.normN` the normalisation command;
  /// the number is the 26 bits below, so that no bit is lost on any memory size.
  public var assembly: String {
    if self == .garbage { return "garbage" }
    return (isAccumulator ? "acc" : "sp") + (accumulates ? "+" : "")
      + "[\(NumberText.hexadecimal(UInt64(bits & Self.rowBits)))]" + (readsFullRow ? ".full" : "")
      + (normCommand != 0 ? ".norm\(normCommand)" : "")
  }

  /// Reads what `assembly` writes; rows may be decimal.
  public init?(assembly text: some StringProtocol) {
    var rest = Substring(text)
    if rest == "garbage" {
      self = .garbage
      return
    }
    var bits: UInt32 = 0
    if rest.removePrefix("acc") {
      bits |= 1 << 31
    } else if !rest.removePrefix("sp") {
      return nil
    }
    if rest.removePrefix("+") { bits |= 1 << 30 }
    guard rest.removePrefix("["), let end = rest.firstIndex(of: "]"),
      let row = NumberText.unsigned(rest[..<end]), row <= Self.rowBits
    else { return nil }
    bits |= UInt32(row)
    rest = rest[rest.index(after: end)...]
    if rest.removePrefix(".full") { bits |= 1 << 29 }
    if rest.removePrefix(".norm") {
      guard let norm = NumberText.unsigned(rest), (1...7).contains(norm) else { return nil }
      bits |= UInt32(norm) << 26
      rest = ""
    }
    guard rest.isEmpty else { return nil }
    self.init(bits: bits)
  }

  private static var rowBits: UInt32 { (1 << 26) - 1 }
}

extension Substring {
  /// Drops `prefix` from the front; false if it is not there.
  fileprivate mutating func removePrefix(_ prefix: String) -> Bool {
    guard hasPrefix(prefix) else { return false }
    removeFirst(prefix.count)
    return true
  }
}
