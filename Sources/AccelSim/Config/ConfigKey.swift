/// The declaration of one property of `HardwareConfig`.
///
/// Decoding, encoding, the range checks, the JSON schema and the reference table all come from
/// the list of these (`HardwareConfig.keys`), so that they cannot disagree.
struct ConfigKey: Sendable {
  /// The object in which the property stands; empty for the top level.
  let section: String
  let name: String
  /// What it means, with the unit.
  let meaning: String
  /// The unit of the value, if it has one.
  let unit: String?
  /// The parameter of the hardware's own generator, or where the meaning comes from.
  let source: String
  let access: Access

  /// How the value is read and written, and which values it may take.
  enum Access: Sendable {
    case integer(WritableKeyPath<HardwareConfig, Int> & Sendable, IntegerDomain)
    case boolean(WritableKeyPath<HardwareConfig, Bool> & Sendable)
    case text(WritableKeyPath<HardwareConfig, String> & Sendable)
    case choice(Choice)
  }

  /// An enumeration with names for values.
  struct Choice: Sendable {
    let names: [String]
    let get: @Sendable (HardwareConfig) -> String
    /// Does nothing for a name that is not in `names`.
    let set: @Sendable (inout HardwareConfig, String) -> Void

    init<Value>(_ path: WritableKeyPath<HardwareConfig, Value> & Sendable)
    where Value: RawRepresentable<String> & CaseIterable & SendableMetatype {
      names = Value.allCases.map(\.rawValue)
      get = { $0[keyPath: path].rawValue }
      set = { config, name in
        if let value = Value(rawValue: name) { config[keyPath: path] = value }
      }
    }
  }

  /// `section.name`, as a user writes it.
  var path: String { section.isEmpty ? name : "\(section).\(name)" }

  /// What a value must be, for messages and the table.
  var expectation: String {
    switch access {
    case .integer(_, let domain): domain.expectation
    case .boolean: "true or false"
    case .text: "1 to \(Self.textLimit) printable characters"
    case .choice(let choice) where choice.names.count == 1:
      "\(JSONText.quoted(choice.names[0])), the only one that is modelled"
    case .choice(let choice): choice.names.map(JSONText.quoted).joined(separator: " or ")
    }
  }

  /// The value in `config`, for writing.
  func output(_ config: HardwareConfig) -> JSONOutput {
    switch access {
    case .integer(let path, _): .integer(config[keyPath: path])
    case .boolean(let path): .boolean(config[keyPath: path])
    case .text(let path): .string(config[keyPath: path])
    case .choice(let choice): .string(choice.get(config))
    }
  }

  /// Gives `other` the value in `config`.
  func copy(from config: HardwareConfig, to other: inout HardwareConfig) {
    switch access {
    case .integer(let path, _): other[keyPath: path] = config[keyPath: path]
    case .boolean(let path): other[keyPath: path] = config[keyPath: path]
    case .text(let path): other[keyPath: path] = config[keyPath: path]
    case .choice(let choice): choice.set(&other, choice.get(config))
    }
  }

  /// What is wrong with the value in `config`, seen by itself.
  func problem(in config: HardwareConfig) -> ConfigProblem? {
    switch access {
    case .integer(let path, let domain):
      let value = config[keyPath: path]
      return domain.contains(value) ? nil : problem(found: "\(value)")
    case .text(let path):
      let text = config[keyPath: path]
      return Self.isGoodText(text)
        ? nil : problem(found: JSONText.quoted(JSONText.shortened(text)))
    case .boolean, .choice: return nil
    }
  }

  /// Puts `value` into `config`, or returns why it does not fit.
  func decode(_ value: JSONValue, into config: inout HardwareConfig) -> ConfigProblem? {
    switch (access, value.content) {
    case (.integer(let path, _), .number):
      guard let integer = value.integer else { return problem(found: value.summary) }
      config[keyPath: path] = integer
      return problem(in: config)
    case (.boolean(let path), .boolean(let boolean)):
      config[keyPath: path] = boolean
      return nil
    case (.text(let path), .string(let text)):
      config[keyPath: path] = text
      return problem(in: config)
    case (.choice(let choice), .string(let name)):
      guard choice.names.contains(name) else {
        var problem = problem(found: value.summary)
        problem.suggestion = Suggestion.nearest(to: name, among: choice.names)
          .map(JSONText.quoted)
        return problem
      }
      choice.set(&config, name)
      return nil
    default: return problem(found: value.summary)
    }
  }

  private func problem(found: String) -> ConfigProblem {
    ConfigProblem(path: path, found: found, expected: expectation)
  }

  /// Longest text in characters.
  static let textLimit = 100

  /// Whether `text` may be a name: short and printable.
  static func isGoodText(_ text: String, limit: Int = textLimit) -> Bool {
    // A grapheme can hold any number of scalars, so the limit counts scalars.
    (1...limit).contains(text.unicodeScalars.count)
      && text.unicodeScalars.allSatisfy {
        switch $0.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .format, .surrogate: false
        default: true
        }
      }
  }
}

/// The whole numbers that a property may take.
struct IntegerDomain: Sendable {
  let range: ClosedRange<Int>
  /// Whether only the powers of two in the range count.
  let isPowersOfTwo: Bool

  static func any(_ range: ClosedRange<Int>) -> IntegerDomain {
    IntegerDomain(range: range, isPowersOfTwo: false)
  }

  static func powerOfTwo(_ range: ClosedRange<Int>) -> IntegerDomain {
    IntegerDomain(range: range, isPowersOfTwo: true)
  }

  func contains(_ value: Int) -> Bool {
    range.contains(value) && (!isPowersOfTwo || value.nonzeroBitCount == 1)
  }

  /// The powers of two in the range.
  var powersOfTwo: [Int] {
    (0..<62).map { 1 << $0 }.filter { range.contains($0) }
  }

  var expectation: String {
    "\(isPowersOfTwo ? "a power of two" : "a whole number") \(range.lowerBound)...\(range.upperBound)"
  }
}
